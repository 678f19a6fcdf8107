"""Courriels: who is notified outside the product, of what, and until when. Above both wings, which it reads."""
