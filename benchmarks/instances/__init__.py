"""Flows of vacancies drawn from a seed: shares are integers, and the same seed gives the same flow for ever."""
