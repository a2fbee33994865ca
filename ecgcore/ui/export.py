"""Tables as CSV, for pages: see ``safe_csv``."""

from ecgcore.safe_csv import csv_bytes, safe_cells

__all__ = ["csv_bytes", "safe_cells"]
