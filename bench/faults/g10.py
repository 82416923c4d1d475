"""G10: PostgreSQL's line cut at many positions, its server killed: nothing lost, nothing double, on by itself."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged, not_tried
from bench.faults.postgres import Cluster, cluster

TITLE = "the line to PostgreSQL cut, its server killed"
SECONDS, LONG_SECONDS = 40, 700
CUTS, KILLS = 200, 20
MOST_SECONDS = 60.0


class Proxy:
    """A TCP proxy on a loopback port that cuts every line when the n-th piece from a client passes, once."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.pieces = 0
        self.cut_at = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def begin(self, cut_at: int) -> None:
        """Count pieces anew; cut at this one (0: never)."""
        self.pieces, self.cut_at = 0, cut_at

    def cut(self) -> None:
        """Cut every line, without a word to either end."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            self._open += [client, server]
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self.pieces += is_client
                if is_client and self.pieces == self.cut_at:
                    self.cut()
                    break
                target.sendall(piece)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # a forked night holds a copy of it: closing alone would end nothing
            one.close()


def run(budget: Budget) -> Figure:
    """Cut the line at positions spread over a night, then kill the server during nights."""
    quick.inbox(budget.room)
    quick.remember()
    with cluster() as server:
        if server is None:
            return not_tried("G10", "PostgreSQL is not installed here")
        proxy = Proxy(server.port)
        world = server.world(budget.room, proxy.port)
        world.fresh()
        quick.night()
        expected = quick.facts(world)
        world.fresh()
        proxy.begin(0)
        quick.forked(quick.night)
        cuts = _tries(world, expected, CUTS, budget.share(0.75), _cutting(proxy, proxy.pieces))
        kills = _tries(world, expected, KILLS, budget.share(1.0), _killing(server))
    told = f"{cuts[0]} cuts (slowest night {cuts[1]:.0f} s), {kills[0]} kills of the server ({kills[1]:.0f} s): 0 lost, 0 double"
    return judged("G10", told, [*cuts[2], *kills[2]])


def _ended() -> str:
    night = quick.night()
    return night.status if night.status == "complete" else f"{night.status} {night.troubles[:2]}"


Disturb = Callable[[int], Callable[[], object]]


def _tries(
    world: quick.World, expected: dict[str, str], most: int, until: float, disturb: Disturb
) -> tuple[int, float, list[str]]:
    tried, slowest, wrong = 0, 0.0, []
    while tried < 2 or (tried < most and time.monotonic() < until):
        world.fresh()
        stop = disturb(tried)
        begin = time.monotonic()
        code, said = quick.forked(_ended)
        took = time.monotonic() - begin
        stop()
        slowest = max(slowest, took)
        if code or said != "complete":
            wrong.append(f"try {tried}: {said[-200:]}")
        elif others := quick.differences(expected, quick.facts(world)):
            wrong.append(f"try {tried}: differs in {', '.join(others[:3])}")
        elif took > MOST_SECONDS:
            wrong.append(f"try {tried}: {took:.0f} s")
        tried += 1
    return tried, slowest, wrong


def _cutting(proxy: Proxy, pieces: int) -> Disturb:
    def disturb(number: int) -> Callable[[], object]:
        proxy.begin(2 + int(number * 0.618 * pieces) % max(1, pieces - 2))
        return lambda: proxy.begin(0)

    return disturb


def _killing(server: Cluster) -> Disturb:
    def disturb(number: int) -> Callable[[], object]:
        timer = threading.Timer(0.05 + 0.09 * (number % 20), server.kill)
        timer.start()
        return timer.join

    return disturb
