"""WHEN and in what order: Prefect flows only.

Importing this package settles what Prefect has to know before it is imported: nothing leaves the machine, a first
start may take as long as its migrations do, and without a profile of one's own its state stays in the working folder.
"""

import os
from pathlib import Path

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
# A fresh home's migrations take longer than the 20 s after which the temporary server gives up.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")

if (
    not {"PREFECT_HOME", "PREFECT_API_URL"} & os.environ.keys()
    and not Path("~/.prefect/profiles.toml").expanduser().exists()
):
    from kla.io import project

    os.environ["PREFECT_HOME"] = str(project.var() / "prefect")
