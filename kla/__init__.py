"""The field: evaluation of an Indonesian district as a Kabupaten/Kota Layak Anak (KLA)."""

__version__ = "0.1.0"
