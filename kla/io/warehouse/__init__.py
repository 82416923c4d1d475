"""The warehouse: what arrived, what counts, what it is worth, and which run and cell each number came from."""

from kla.io.warehouse.opening import open_for_decisions, open_reader
from kla.io.warehouse.store import Warehouse, open_warehouse

__all__ = ["Warehouse", "open_for_decisions", "open_reader", "open_warehouse"]
