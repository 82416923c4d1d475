"""What people operate: the `kla` command."""

from kla.errors import SettingsError
from kla.io import project

try:
    project.data("reports")
except SettingsError as error:
    # Every sentence of ours lies in that folder, so this one stands here.
    raise SystemExit(f"Tidak dapat dijalankan: folder yang ditunjuk KLA_HOME tidak berisi data kla. {error}") from None
