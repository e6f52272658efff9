"""What chapter 00 says of runs longer than its own."""

from __future__ import annotations

import pytest
from claims import lesson

from helpers.topics.start import scenes as start


def test_ten_templates_stay_near_nine_in_ten_after_8000_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.TemplateRun, "_measure", lambda _: 0.0)         # saves half of the time
    data = lesson("00_start_here", "data")["data"]
    run = start.TemplateRun(data.train, data.val, seed=0, lr=0.7, batch_size=256)
    for _ in range(8000):
        run.step()
    assert all(0.86 < float((run.predict(x) == y).float().mean()) < 0.93 for x, y in (data.val, data.test))
