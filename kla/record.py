"""Values of which a district has hundreds: frozen as mypy sees them, made the fast way at run time.

A frozen dataclass sets each field of a new one through object.__setattr__, which takes ten times as long as assigning it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(*, frozen: bool, slots: bool):
        """Return what makes a dataclass as `dataclass` does: equal by its fields, hashable; assigning is not hindered."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["record"]
