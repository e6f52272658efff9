"""What the reader takes home: a look at one's own arrays, and the whole pipeline for one's own data."""

from helpers.project.audit import Finding, Report, audit
from helpers.project.demo import demo
from helpers.project.load import load
from helpers.project.own import Own, difference

__all__ = ["Finding", "Own", "Report", "audit", "demo", "difference", "load"]
