"""What the reader takes home: a look at one's own arrays, and the whole pipeline for one's own data."""

from helpers.project.audit import Finding, Report, audit

__all__ = ["Finding", "Report", "audit"]
