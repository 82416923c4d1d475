"""A real browser, driven over its debugging socket: how wide a page is, what it complains of, what it prints."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS = 60


class Browser:
    """One tab. Pages are opened from files."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self._session = ""
        self.complaints: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._ask(f"{domain}.enable")

    def open(self, page: Path, width: int, height: int = 900, *, is_printed: bool = False) -> None:
        """Show a page in a window of this size, as on screen or as on paper; complaints start anew."""
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._ask("Emulation.setEmulatedMedia", media="print" if is_printed else "screen")
        self.complaints.clear()
        self._ask("Page.navigate", url=page.resolve().as_uri())
        self._wait("Page.loadEventFired")

    def ask(self, expression: str) -> object:
        """Return what an expression yields in the page."""
        return self._ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def pdf(self) -> bytes:
        """Return the page as it prints on A4."""
        return base64.b64decode(self._ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    def picture(self) -> bytes:
        """Return the whole page as PNG."""
        return base64.b64decode(self._ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def _ask(self, method: str, **parameters: object) -> dict:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        self._socket.send(json.dumps(asked))
        while True:
            told = self._hear()
            if told.get("id") == self._number:
                assert "error" not in told, (method, told["error"])
                return told["result"]

    def _wait(self, event: str) -> None:
        while self._hear().get("method") != event:
            pass

    def _hear(self) -> dict:
        told = json.loads(self._socket.recv(timeout=SECONDS))
        if told.get("method") == "Log.entryAdded":
            entry = told["params"]["entry"]
            if entry["level"] in ("error", "warning"):
                self.complaints.append(entry["text"])
        if told.get("method") in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
            self.complaints.append(json.dumps(told["params"])[:500])
        return told


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Yield a browser that keeps its profile in `folder`."""
    assert CHROMIUM is not None
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []  # chromium refuses root otherwise
    flags = ["--headless=new", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0", *sandbox]
    command = [CHROMIUM, *flags, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with connect(_address(folder, process), max_size=None, proxy=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Return where the browser listens; it writes that down once it is up."""
    written = folder / "DevToolsActivePort"
    for _ in range(SECONDS * 10):
        if written.is_file() and len(lines := written.read_text().split()) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        assert process.poll() is None, "the browser did not start"
        time.sleep(0.1)
    raise TimeoutError("the browser does not listen")
