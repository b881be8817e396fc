"""Scoring files to files: in parts, resumable, with what could not be read set aside.

``score_files`` is what ``stance score`` runs.
"""

from stance.batch.items import Columns
from stance.batch.manifest import BatchError
from stance.batch.run import RunOptions, Summary, score_files

__all__ = ["BatchError", "Columns", "RunOptions", "Summary", "score_files"]
