"""What holds for the whole film: size, rate, sampling, model, length."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QCheckBox, QWidget

from imvar_studio.model import film_edits
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.ui.inspector.film_reading import FilmRules, rules_of, summary_parts
from imvar_studio.ui.inspector.rate_field import RateField
from imvar_studio.ui.inspector.rows import ResetRow, quiet_line, show_line
from imvar_studio.ui.inspector.size_field import SizeField
from imvar_studio.ui.inspector.words import motion_choices, sampler_choices, spacing_choices
from imvar_studio.ui.widgets.choice_field import Choice, ChoiceField
from imvar_studio.ui.widgets.number_field import NumberField
from imvar_studio.ui.widgets.section import Section
from imvar_studio.ui.widgets.seed_field import SeedField
from imvar_studio.ui.widgets.value_row import ValueRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from imvar_studio.model.source import Size
    from imvar_studio.ui.inspector.edits import Edits
    from imvar_studio.ui.session import Session

T = TypeVar("T")

_DEFAULT = FilmSettings()
_LONGEST = 86_400  # seconds


class FilmSection(Section):
    """The film's settings.

    Args:
        session: of the film.
        edits: take what is changed.
    """

    def __init__(self, session: Session, edits: Edits) -> None:
        super().__init__("", collapsible=True, collapsed=True)
        self.set_title(self.tr("Film"))
        self._session, self._edits = session, edits
        self._models: tuple[Choice, ...] = ()
        self.size_field = SizeField()
        self.rate = RateField()
        self.steps = ValueRow(self.tr("Steps"), NumberField(1, 1000), slider=False)
        self.guidance = ValueRow(self.tr("Guidance"), NumberField(0, 50, 0.1, 1))
        self.sampler = ChoiceField(sampler_choices(), self.tr("Sampler"))
        self.spacing = ChoiceField(spacing_choices(), self.tr("Spacing of the steps"))
        self.eta = ValueRow(self.tr("Eta"), NumberField(0, 1, 0.01, 2))
        self.motion = ChoiceField(motion_choices(), self.tr("How the noise moves"))
        self.seed = SeedField()
        self.model = ChoiceField((), self.tr("Model"))
        self.loop = QCheckBox(self.tr("Back to its start"))
        length = NumberField(0.001, _LONGEST, 0.1, 3, self.tr("s"))
        self.length = ValueRow(self.tr("Length"), length, slider=False)
        self.words = quiet_line()
        self._rows: dict[str, ResetRow] = {}
        self._fill()
        self._wire()

    def set_models(self, models: Sequence[tuple[str, str]]) -> None:
        """Offer models: (id, name)."""
        self._models = tuple(Choice(model, name, model) for model, name in models)
        self._show_model(self._session.film.model)
        self.show_film(self._session.film)

    def show_film(self, film: FilmWork) -> None:
        """Show the settings of a film."""
        settings, rules = film.settings, rules_of(film)
        self.size_field.set_value(settings.size)
        self.rate.set_value(settings.fps)
        self.steps.set_value(settings.steps)
        self.guidance.set_value(settings.guidance)
        self._show_choice(self.sampler, sampler_choices(), settings.sampler)
        self.spacing.set_value(settings.spacing)
        self.eta.set_value(settings.eta)
        self.motion.set_value(settings.noise_motion)
        self.seed.set_value(settings.seed)
        self._show_model(film.model)
        self.loop.setChecked(film.timeline.loop)
        self._show_length(film)
        for name in ("sampler", "spacing", "noise_motion", "size", "fps", "seed"):
            now, default = getattr(settings, name), getattr(_DEFAULT, name)
            self._rows[name].set_resettable(now != default)
        self._show_rules(rules)
        parts = summary_parts(film, self.sampler.currentText(), self.model.currentText())
        self.set_summary(" · ".join(parts))

    def _fill(self) -> None:
        resettable = (
            ("size", self.tr("Size"), self.size_field),
            ("fps", self.tr("Rate"), self.rate),
            ("sampler", self.tr("Sampler"), self.sampler),
            ("spacing", self.tr("Spacing"), self.spacing),
            ("noise_motion", self.tr("Noise"), self.motion),
            ("seed", self.tr("Seed"), self.seed),
        )
        for name, label, field in resettable:
            self._rows[name] = ResetRow(label, field, resettable=True)
        rows = self._rows
        order: tuple[QWidget, ...] = (
            rows["size"],
            rows["fps"],
            self.length,
            ResetRow(self.tr("Loop"), self.loop),
            ResetRow(self.tr("Model"), self.model),
            rows["sampler"],
            self.steps,
            rows["spacing"],
            self.guidance,
            self.eta,
            rows["noise_motion"],
            rows["seed"],
            self.words,
        )
        for row in order:
            self.body.addWidget(row)
        self.seed.lock.hide()
        self.steps.set_default(_DEFAULT.steps)
        self.guidance.set_default(_DEFAULT.guidance)
        self.eta.set_default(_DEFAULT.eta)
        self.loop.setToolTip(self.tr("The last keyframe becomes the first one again"))
        self.eta.label.set_tooltip(self.tr("DDIM's share of new noise in every step: 0 to 1"))

    def _wire(self) -> None:
        edits, tr = self._edits, self.tr
        self.size_field.edited.connect(self._set_size)
        self.rate.typed.connect(self._type_rate)
        self.rate.chosen.connect(self._set_rate)
        self.sampler.edited.connect(self._setter(tr("Sampler"), film_edits.set_sampler))
        self.spacing.edited.connect(self._setter(tr("Spacing"), film_edits.set_spacing))
        self.motion.edited.connect(self._setter(tr("Noise"), film_edits.set_noise_motion))
        self.seed.edited.connect(self._setter(tr("Film's seed"), film_edits.set_seed))
        self.model.edited.connect(self._setter(tr("Model"), film_edits.set_model))
        self.steps.edited.connect(self._setter(tr("Steps"), _set_steps, "steps"))
        self.guidance.edited.connect(
            self._setter(tr("Film's guidance"), film_edits.set_guidance, "film guidance")
        )
        self.eta.edited.connect(self._setter(tr("Eta"), film_edits.set_eta, "eta"))
        self.loop.clicked.connect(self._set_loop)
        self.length.edited.connect(self._set_length)
        self.length.reset.connect(lambda: self._set_length(None))
        for row in (self.steps, self.guidance, self.eta, self.length, self.size_field):
            row.gesture_ended.connect(edits.end)
        self._connect_resets()

    def _connect_resets(self) -> None:
        rows = self._rows
        self.steps.reset.connect(lambda: self.steps.edited.emit(_DEFAULT.steps))
        self.guidance.reset.connect(lambda: self.guidance.edited.emit(_DEFAULT.guidance))
        self.eta.reset.connect(lambda: self.eta.edited.emit(_DEFAULT.eta))
        rows["size"].reset.connect(lambda: self._set_size(_DEFAULT.size))
        rows["fps"].reset.connect(lambda: self._set_rate(_DEFAULT.fps))
        rows["sampler"].reset.connect(lambda: self.sampler.edited.emit(_DEFAULT.sampler))
        rows["spacing"].reset.connect(lambda: self.spacing.edited.emit(_DEFAULT.spacing))
        rows["noise_motion"].reset.connect(lambda: self.motion.edited.emit(_DEFAULT.noise_motion))
        rows["seed"].reset.connect(lambda: self.seed.edited.emit(_DEFAULT.seed))

    def _show_choice(self, field: ChoiceField, options: Sequence[Choice], value: str) -> None:
        """Show a value; one that nobody offers, as of a plugin that is gone, under its own name."""
        if field.findData(value) < 0:
            field.set_options((*options, Choice(value, value)))
        field.set_value(value)

    def _show_model(self, model: str) -> None:
        known = any(each.value == model for each in self._models)
        options = self._models if known else (*self._models, Choice(model, model))
        if tuple(self.model.itemData(at) for at in range(self.model.count())) != tuple(
            each.value for each in options
        ):
            self.model.set_options(options)
        self.model.set_value(model)

    def _show_length(self, film: FilmWork) -> None:
        own = film.timeline.duration
        self.length.set_value(self._session.duration if own is None else own)
        self.length.reset_button.setVisible(own is not None)
        self.length.field.setToolTip(
            self.tr("Ends on its last keyframe unless a length is set")
            if own is None
            else self.tr("Reset to end on the last keyframe")
        )

    def _show_rules(self, rules: FilmRules) -> None:
        self.eta.setEnabled(rules.has_eta and not rules.eta_ruled)
        self.guidance.setEnabled(not rules.guidance_ruled)
        self.motion.setEnabled(rules.adds_noise)
        self.motion.set_enabled(
            "walk", rules.can_walk, "" if rules.can_walk else self.tr("Needs the sampler DDIM")
        )
        said = []
        if rules.guidance_ruled:
            said.append(self.tr("The guidance track decides."))
        if rules.eta_ruled:
            said.append(self.tr("The eta track decides."))
        if not rules.has_eta:
            said.append(self.tr("Eta needs the sampler DDIM."))
        elif not rules.adds_noise:
            said.append(self.tr("Noise moves only where eta is above 0."))
        if rules.passes_pictures:
            said.append(self.tr("Around pictures the film takes their own steps, with DDIM."))
        show_line(self.words, " ".join(said))

    def _setter(
        self, name: str, change: Callable[[FilmWork, T], FilmWork], field: str = ""
    ) -> Callable[[T], None]:
        return lambda value: self._edits.film(name, lambda film: change(film, value), field)

    def _set_size(self, size: Size) -> None:
        self._edits.film(self.tr("Size"), lambda film: film_edits.set_size(film, size), "size")

    def _type_rate(self, text: str) -> None:
        self._edits.film(
            self.tr("Frame rate"),
            lambda film: film_edits.set_rate(film, film_edits.read_rate(text)),
        )

    def _set_rate(self, rate: Fraction) -> None:
        self._edits.film(self.tr("Frame rate"), lambda film: film_edits.set_rate(film, rate))

    def _set_loop(self) -> None:
        loop = self.loop.isChecked()
        self._edits.timeline(self.tr("Loop"), lambda timeline: film_edits.set_loop(timeline, loop))

    def _set_length(self, seconds: float | None) -> None:
        self._edits.timeline(
            self.tr("Length"), lambda timeline: film_edits.set_duration(timeline, seconds), "length"
        )


def _set_steps(film: FilmWork, steps: float) -> FilmWork:
    return film_edits.set_steps(film, round(steps))
