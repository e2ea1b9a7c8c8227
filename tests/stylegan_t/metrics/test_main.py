"""`python -m stylegan_t.metrics` asks the judge of the model's own world."""

import pytest
from click.testing import CliRunner

from stylegan_t.demo.built_in import WORLDS
from stylegan_t.demo.things.attributes import default_count
from stylegan_t.metrics import __main__ as command
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.thing_judge import ThingJudge
from stylegan_t.metrics.worlds import LandscapesJudge, ThingsJudge
from tests.stylegan_t.metrics.tiny import tiny_generator


@pytest.mark.parametrize(
    ("arguments", "world", "attribute"),
    [
        (["demo"], "demo", "object"),
        (["demo-2"], "demo-2", "relation"),
        (["a.safetensors"], "demo", "object"),
        (["a.safetensors", "--world", "demo-2"], "demo-2", "relation"),
    ],
)
def test_the_model_s_own_world_is_asked(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], world: str, attribute: str
) -> None:
    asked: list[str] = []

    def opened(name: str, report: object) -> LandscapesJudge | ThingsJudge:
        asked.append(name)
        if name == WORLDS[0]:
            return LandscapesJudge(AttributeJudge().eval())
        return ThingsJudge(ThingJudge(default_count(), width=2).eval())

    monkeypatch.setattr(command, "open_world_judge", opened)
    monkeypatch.setattr(command, "load_generator", lambda path: tiny_generator(size=64))
    done = CliRunner().invoke(command.main, [*arguments, "--prompts", "20"], catch_exceptions=False)
    assert done.exit_code == 0 and asked == [world]
    lines = done.output.splitlines()
    assert lines[0].split() == ["attribute", "real", "psi", "1", "psi", "0.5"]
    assert any(line.startswith(attribute) for line in lines)
