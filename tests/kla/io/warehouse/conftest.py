"""The engines, for the tests of this folder."""

from tests.kla.io.warehouse.engines import postgres, url, warehouse

__all__ = ["postgres", "url", "warehouse"]
