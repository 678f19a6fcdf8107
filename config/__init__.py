"""The fuse box: settings, addresses, the Celery application, the embedded services. No business.

Nothing is imported here: the commands of `./run` are in this package, and most of them need neither Django nor Celery.
"""
