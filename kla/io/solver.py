"""Solves the integer programs of kla.route with HiGHS. scipy is imported only when something is to be solved."""

from __future__ import annotations

from kla.choice import IntegerProgram

_INFEASIBLE = 2


def solve(program: IntegerProgram) -> tuple[int, ...] | None:
    """Return a best choice (0 or 1 each), None when none satisfies the rows; the same program gives the same choice.

    The optimum is proven (no gap is left, no time limit is set).

    Raises:
        ArithmeticError: HiGHS ended for any other reason.
    """
    if not program.cost:
        return () if all((row.low or 0) <= 0 and (row.high is None or row.high >= 0) for row in program.rows) else None
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import lil_matrix

    count = len(program.cost)
    matrix = lil_matrix((len(program.rows), count))
    for line, row in enumerate(program.rows):
        for place, factor in row.coefficients.items():
            matrix[line, place] = factor
    low = np.array([-np.inf if row.low is None else row.low for row in program.rows])
    high = np.array([np.inf if row.high is None else row.high for row in program.rows])
    found = milp(
        np.array(program.cost, dtype=float),
        constraints=LinearConstraint(matrix.tocsr(), low, high) if program.rows else None,
        bounds=Bounds(0, 1),
        integrality=np.ones(count),
        options={"mip_rel_gap": 0.0},
    )
    if found.status == _INFEASIBLE:
        return None
    if found.x is None or not found.success:
        raise ArithmeticError(f"HiGHS found no optimum: {found.message}")
    return tuple(int(value) for value in np.rint(found.x))
