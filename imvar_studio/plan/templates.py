"""The film templates that come with the program."""

from __future__ import annotations

from imvar_studio.model.registry import Registry
from imvar_studio.plan.template import MANY, Count, Samples, Template
from imvar_studio.plan.template_pictures import edit_loop, eta_ramp, morph
from imvar_studio.plan.template_walks import (
    circular_walk,
    latent_walk,
    lerp_slerp,
    many_prompts,
    positive_negative,
    walk_away,
)

_ONE = Count(1, 1)
_TURTLE, _CAT = "turtle-in-a-meadow.jpg", "cat.jpg"


def film_templates() -> Registry[Template]:
    """Return the templates that come with the program, by name."""
    templates: Registry[Template] = Registry("template")

    templates.add(
        "edit-loop",
        Template(
            edit_loop,
            pictures=_ONE,
            options=("amount", "direction", "loop"),
            samples=Samples(pictures=(_TURTLE,), direction=("in a meadow", "in the snow")),
        ),
        label="Edit loop",
        about="a picture is edited from one text towards another, and back",
    )
    templates.add(
        "eta-ramp",
        Template(
            eta_ramp,
            pictures=_ONE,
            prompts=_ONE,
            options=("noise", "negatives"),
            samples=Samples(pictures=(_TURTLE,)),
        ),
        label="Eta ramp",
        about="eta rises from 0 to 1, and a picture is left by degrees",
    )
    templates.add(
        "walk-away",
        Template(
            walk_away,
            prompts=_ONE,
            options=("amount", "direction", "negatives"),
            samples=Samples(prompts=("a frog in a meadow",), negatives=("sketch",)),
        ),
        label="Walk away",
        about="one prompt and its negative are shifted alike, further and further",
    )
    templates.add(
        "positive-negative",
        Template(
            positive_negative,
            prompts=Count(2, 2),
            options=("loop",),
            samples=Samples(prompts=("a fox in the snow", "a red apple on a blue background")),
        ),
        label="Positive to negative",
        about="a prompt and its negative change places",
    )
    templates.add(
        "latent-walk",
        Template(
            latent_walk,
            prompts=_ONE,
            options=("negatives", "loop"),
            samples=Samples(prompts=("a frog in a meadow",)),
        ),
        label="Latent walk",
        about="one prompt stays while its latents slerp from seed to seed",
    )
    templates.add(
        "many-prompts",
        Template(
            many_prompts,
            prompts=Count(2, MANY),
            options=("negatives", "loop"),
            samples=Samples(
                prompts=("a fox in the snow", "a frog in a meadow", "an owl at night"),
                negatives=("at night", "in the snow", "in a meadow"),
            ),
        ),
        label="Many prompts",
        about="prompts and their negatives are slerped, the latents stay",
    )
    templates.add(
        "lerp-slerp",
        Template(
            lerp_slerp,
            prompts=Count(1, MANY),
            options=("negatives", "loop"),
            samples=Samples(prompts=("a frog in a meadow", "a fox in the snow")),
        ),
        label="Lerp and slerp",
        about="the same walk twice, as two films: by lerp and by slerp",
    )
    templates.add(
        "circular-walk",
        Template(
            circular_walk,
            pictures=_ONE,
            prompts=_ONE,
            options=("sampler", "negatives", "loop"),
            samples=Samples(prompts=("a frog in a meadow",)),
        ),
        label="Circular walk",
        about="one look stays while its latents go once around a circle",
    )
    templates.add(
        "morph",
        Template(
            morph,
            pictures=Count(2, MANY),
            options=("loop",),
            samples=Samples(pictures=(_TURTLE, _CAT)),
        ),
        label="Morph",
        about="each picture becomes the next, and all are shown exactly",
    )
    return templates
