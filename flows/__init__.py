"""WHEN and in what order: Prefect flows only.

Importing this package settles what Prefect has to know before it is imported.
"""

from kla.io import settings

settings.settle_prefect()
