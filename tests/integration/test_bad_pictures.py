"""What people get wrong with `imvar picture`: one sentence, exit code 2, nothing written."""

from __future__ import annotations

import json
import re
import shutil
import struct

import pytest

FOX = ["--prompt", "a fox", "--seed", "1"]
HIGHEST = 2**63 - 1
UNET, VAE = "model.diffusion_model.", "first_stage_model."
TEXT = "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight"


@pytest.fixture
def bad(refused, home, files, model):
    """Ask for a picture that cannot be; returns the sentence. Nothing is taken in."""

    def run(*words: object) -> str:
        own = [] if "--model" in words else ["--model", model]
        before = files(home)
        sentence = refused("picture", *own, *words)
        new = files(home).keys() - before.keys()
        assert [name for name in new if "/assets" in name] == []
        return sentence

    return run


OPTIONS = {
    "no look": (["--seed", "1"],
                r"one look is wanted: give --prompt, --like, --ensemble or --recipe"),
    "two looks": ([*FOX, "--like", "waves.png"], r"one look is wanted: "),
    "three looks": ([*FOX, "--ensemble", "a", "--like", "waves.png"], r"one look is wanted: "),
    "empty": (["--prompt", ""], r"the prompt is empty: say what to show"),
    "blank": (["--prompt", " \t"], r"the prompt is empty: say what to show"),
    "control": (["--prompt", "a\x1b[31mfox"], r"prompt must not hold control characters"),
    "long": (["--prompt", "fox " * 3000], r"prompt must have at most 10000 characters, got 12000"),
    "tokens": (["--prompt", "fox " * 40], r"prompt 'fox (fox )+f?\.\.\.' has \d+ tokens, model "
               r"\S+ reads at most 30: shorten it"),
    "negative tokens": ([*FOX, "--negative", "sea " * 40], r"prompt 'sea .* has \d+ tokens, "),
    "negative control": ([*FOX, "--negative", "a\x07"], r"prompt must not hold control "),
    "part tokens": (["--ensemble", "a", "--ensemble", "owl " * 40], r"prompt 'owl .* has \d+ "),
    "part empty": (["--ensemble", ":1"], r"--ensemble needs something before the weight, got ':1'"),
    "part blank": (["--ensemble", " "], r"--ensemble needs something before the weight, got ' '"),
    "part weight": (["--ensemble", "a:-1"], r"weight must be in \[0, 100\], got -1"),
    "part heavy": (["--ensemble", "a:101"], r"weight must be in \[0, 100\], got 101"),
    "part nan": (["--ensemble", "a:nan"], r"weight must be in \[0, 100\], got nan"),
    "weightless": (["--ensemble", "a:0", "--ensemble", "b:0"],
                   r"ensemble weights must not all be 0"),
    "nine": (["--ensemble", "a"] * 9, r"ensemble must hold 1 to 8 looks, got 9"),
    "mix of many": (["--ensemble", "a", "--mix", "waves.png"], r"--mix goes with --prompt or "),
    "mix gone": ([*FOX, "--mix", "gone.png:0.5"], r"there is no file 'gone.png': check its name "),
    "mix weight": ([*FOX, "--mix", "waves.png:-0.5"], r"weight must be in \[0, 100\], got -0.5"),
    "mix empty": ([*FOX, "--mix", ":0.5"], r"--mix needs something before the weight, got ':0.5'"),
    "mix eight": ([*FOX, *["--mix", "waves.png"] * 8], r"mix must hold 1 to 8 looks, got 9"),
    "mix alone": (["--mix", "waves.png"], r"one look is wanted: "),
    "like gone": (["--like", "gone.png"], r"there is no file 'gone.png': check its name "),
    "like folder": (["--like", "p.imvar"], r"'p.imvar' is a folder: choose a picture file"),
    "like text": (["--like", "p.imvar/project.json"], r"'p.imvar/project.json' is "),
    "like half": (["--like", "half.png"], r"'half.png' is damaged"),
    "seed -1": (["--prompt", "a", "--seed", "-1"], rf"seed must be in \[0, {HIGHEST}\], got -1"),
    "seed high": (["--prompt", "a", "--seed", str(2**63)], r"seed must be in \[0, "),
    "seed last": (["--prompt", "a", "--seed", str(HIGHEST), "--count", "2"],
                  r"the last picture's seed is too large: choose a smaller one"),
    "seed word": (["--prompt", "a", "--seed", "x"], r"seed must be a whole number, got 'x'"),
    "count 0": ([*FOX, "--count", "0"], r"count must be in \[1, 10000\], got 0"),
    "count 10001": ([*FOX, "--count", "10001"], r"count must be in \[1, 10000\], got 10001"),
    "count 1.5": ([*FOX, "--count", "1.5"], r"count must be a whole number, got '1.5'"),
    "steps 0": ([*FOX, "--steps", "0"], r"steps must be in \[1, 1000\], got 0"),
    "steps 1001": ([*FOX, "--steps", "1001"], r"steps must be in \[1, 1000\], got 1001"),
    "lcm steps": ([*FOX, "--sampler", "lcm", "--steps", "51"],
                  r"the sampler lcm takes at most 50 steps, got 51"),
    "guidance": ([*FOX, "--guidance", "51"], r"guidance must be in \[0, 50\], got 51.0"),
    "guidance -": ([*FOX, "--guidance", "-0.1"], r"guidance must be in \[0, 50\], got -0.1"),
    "guidance nan": ([*FOX, "--guidance", "nan"], r"guidance must be in \[0, 50\], got nan"),
    "guidance word": ([*FOX, "--guidance", "much"], r"guidance must be a number, got 'much'"),
    "eta 2": ([*FOX, "--eta", "2"], r"eta must be in \[0, 1\], got 2.0"),
    "eta -": ([*FOX, "--eta", "-0.5"], r"eta must be in \[0, 1\], got -0.5"),
    "eta nan": ([*FOX, "--eta", "nan"], r"eta must be in \[0, 1\], got nan"),
    "eta word": ([*FOX, "--eta", "some"], r"eta must be a number, got 'some'"),
    "eta euler": ([*FOX, "--eta", "0.5", "--sampler", "euler"],
                  r"eta needs the sampler ddim, got euler: choose ddim"),
    "sampler": ([*FOX, "--sampler", "abacus"], r"sampler must be one of dpmpp-2m, unipc, ddim, "
                r"euler, euler-ancestral, lms, pndm, lcm, got 'abacus'"),
    "size 0": ([*FOX, "--size", "0"], r"width must be in \[64, 8192\], got 0"),
    "size 63": ([*FOX, "--size", "64x63"], r"height must be in \[64, 8192\], got 63"),
    "size 8193": ([*FOX, "--size", "8193"], r"width must be in \[64, 8192\], got 8193"),
    "size word": ([*FOX, "--size", "big"], r"size must be like 256 or 320x240, got 'big'"),
    "size half": ([*FOX, "--size", "64x"], r"size must be like 256 or 320x240, got '64x'"),
    "batch 0": ([*FOX, "--batch", "0"], r"batch must be in \[1, 64\], got 0"),
    "batch 65": ([*FOX, "--batch", "65"], r"batch must be in \[1, 64\], got 65"),
    "precision": ([*FOX, "--precision", "fp8"], r"precision must be one of fp32, bf16, fp16, got "),
    "fp16": ([*FOX, "--device", "cpu", "--precision", "fp16"], r"the CPU has no fp16 arithmetic: "),
    "device": ([*FOX, "--device", "abacus"], r"device must be one of .*cpu, got 'abacus'"),
    "out file": ([*FOX, "--out", "waves.png"], r"cannot make waves.png, there is something "),
    "out below": ([*FOX, "--out", "waves.png/x"], r"cannot make waves.png/x, a part of the path "),
    "out proc": ([*FOX, "--out", "/proc"], r"cannot write /proc, "),
    "out long": ([*FOX, "--out", "x" * 300], r"cannot make x+, the name is too long: "),
    "unknown": ([*FOX, "--scale", "3"], r"there is no option --scale: see 'imvar picture --help'"),
    "loose": (["a", "fox"], r"it is not clear what a fox is for: see 'imvar picture --help'"),
    "no value": (["--prompt"], r"--prompt needs a value: see 'imvar picture --help'"),
    "with": ([*FOX, "--with", "waves.png"], r"--with goes with --recipe: use --like or --mix"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPTIONS)
def test_options_that_cannot_be(bad, project, picture, case):
    shutil.copyfile(picture, project.parent / "waves.png")
    half = picture.read_bytes()[: picture.stat().st_size // 2]
    (project.parent / "half.png").write_bytes(half)
    words, says = OPTIONS[case]
    assert re.match(says, bad(*words))


def test_a_prompt_longer_than_the_starters_window(bad):
    """32 tokens with their two ends."""
    text = "a red fox in the deep snow beside a frozen lake under the northern lights, " * 2
    says = bad("--model", "starter", "--prompt", text)
    found = re.fullmatch(r"prompt 'a red fox in the deep snow beside a f\.\.\.' has (\d+) tokens, "
                         r"model starter reads at most 30: shorten it", says)  # fmt: skip
    assert found
    assert int(found[1]) > 30


# ---- models that are none


def safetensors(path, names, *, missing: int = 0) -> None:
    """A file of small tensors of zeros, whole or cut short."""
    header = {
        name: {"dtype": "F16", "shape": [2, 2], "data_offsets": [8 * at, 8 * at + 8]}
        for at, name in enumerate(names)
    }
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8 * len(names) - missing))


FILES = {
    "sdxl": ([f"{UNET}out.0.weight", f"{VAE}x", "conditioner.embedders.0.transformer.x"], 0,
             r"\S+/bad.safetensors is a Stable Diffusion XL model, which is not supported: choose "
             r"an image-variation model, or Stable Diffusion 1.x or 2.x"),
    "flux": (["double_blocks.0.img_attn.qkv.weight"], 0, r"\S+ is a Flux model, which is not "),
    "sd3": (["model.diffusion_model.joint_blocks.0.x"], 0, r"\S+ is a Stable Diffusion 3 model, "),
    "lora": (["lora_unet_down_blocks_0.lora_down.weight"], 0,
             r"\S+/bad.safetensors is a LoRA, a change to a model and no model: choose "),
    "peft": (["unet.down_blocks.0.attn1.to_k.lora_A.weight"], 0, r"\S+ is a LoRA, a change to a "),
    "controlnet": (["control_model.input_blocks.0.0.weight"], 0, r"\S+ is a ControlNet, a part "),
    "word": (["emb_params"], 0, r"\S+ is a textual inversion, a word for a model and no model"),
    "vae": ([f"{VAE}decoder.conv_in.weight"], 0, r"\S+ holds no UNet of Stable Diffusion's layout"),
    "unet": ([f"{UNET}out.0.weight"], 0, r"\S+ holds no VAE of Stable Diffusion's layout"),
    "textless": ([f"{UNET}out.0.weight", f"{VAE}x"], 0, r"\S+ holds no text tower of Stable "),
    "unknown unet": ([f"{UNET}out.0.weight", f"{VAE}x", TEXT], 0, r"\S+ holds a UNet that is not "),
    "cut": ([f"{UNET}out.0.weight", f"{VAE}x", TEXT], 5,
            r"\S+/bad.safetensors is damaged, 5 bytes are missing: "),
    "empty": ([], 0, r"\S+ holds no UNet of "),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_single_files_that_are_no_model(bad, project, case):
    names, missing, says = FILES[case]
    safetensors(project.parent / "bad.safetensors", names, missing=missing)
    assert re.match(says, bad(*FOX, "--model", "bad.safetensors"))


OTHERS = {
    "nothing": ("a.safetensors", b"", r"\S+/a.safetensors is damaged or cut short: "),
    "noise": ("a.safetensors", bytes(range(256)), r"\S+/a.safetensors is damaged or cut short: "),
    "half a header": ("a.safetensors", struct.pack("<Q", 50) + b'{"a":', r"\S+ is damaged or cut "),
    "no header": ("a.safetensors", struct.pack("<Q", 5) + b"hello", r"\S+ is damaged, its header "),
    "a list": ("a.safetensors", struct.pack("<Q", 2) + b"[]", r"\S+ is not a safetensors file: "),
    "git lfs": ("a.safetensors", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
                r"\S+ is a Git LFS pointer, not the weights: run 'git lfs pull'"),
    "a pickle": ("a.ckpt", b"\x80\x04.", r"\S+/a.ckpt is a pickle, which may run code when it is "),
    "a picture": ("a.png", b"\x89PNG", r"\S+/a.png is not a model's folder and not a .safetensors"),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERS)
def test_files_that_are_no_model(bad, project, case):
    name, data, says = OTHERS[case]
    (project.parent / name).write_bytes(data)
    assert re.match(says, bad(*FOX, "--model", name))


def index(folder, **parts) -> None:
    folder.mkdir(exist_ok=True)
    names = {"_class_name": "APipeline"} | {name: ["diffusers", cls] for name, cls in parts.items()}
    (folder / "model_index.json").write_text(json.dumps(names))


FOLDERS = {
    "empty": (lambda at: at.mkdir(), r"\S+/bad is not a model in diffusers layout, it is empty and "
              r"no model_index.json: choose "),
    "papers": (lambda at: (at.mkdir(), (at / "a.txt").write_text("")),
               r"\S+/bad is not a model in diffusers layout, it holds a.txt and no model_index"),
    "sdxl": (lambda at: index(at, unet="U", text_encoder="T", text_encoder_2="T"),
             r"\S+/bad is APipeline with two text towers, like Stable Diffusion XL, which is not "),
    "flux": (lambda at: index(at, transformer="T"), r"\S+/bad is APipeline with a transformer, "),
    "audio": (lambda at: index(at, vocoder="V"), r"\S+/bad is APipeline without a UNet, which "),
    "lora": (lambda at: (at.mkdir(), (at / "pytorch_lora_weights.safetensors").write_bytes(b"")),
             r"\S+/bad is a LoRA, a change to a model and no model: "),
    "half": (lambda at: index(at, unet="U", vae="V"), r"\S+/bad/unet/config.json"),
    "json": (lambda at: (at.mkdir(), (at / "model_index.json").write_text("{")), r"model_index"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOLDERS)
def test_folders_that_are_no_model(bad, project, case):
    make, says = FOLDERS[case]
    make(project.parent / "bad")
    sentence = bad(*FOX, "--model", "bad")
    assert re.search(says, sentence), sentence


@pytest.mark.parametrize("name", ["nowhere", "./nowhere", "/nowhere", "~nobody/x", "x" * 5000])
def test_models_that_are_not_there(bad, name):
    assert re.match(r"there is (no model|nothing at) ", bad(*FOX, "--model", name))


def test_a_model_whose_weights_are_cut_short(bad, project, model):
    broken = shutil.copytree(model, project.parent / "broken")
    weights = broken / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    says = bad(*FOX, "--model", "broken")
    assert re.match(rf"{re.escape(str(weights))} is damaged, 1000 bytes are missing: ", says)


def test_a_model_without_a_text_tower_reads_no_prompts(bad, project, model):
    blind = shutil.copytree(model, project.parent / "wordless")
    shutil.rmtree(blind / "text_encoder")
    shutil.rmtree(blind / "tokenizer")
    found = json.loads((blind / "model_index.json").read_bytes())
    kept = {name: part for name, part in found.items() if name not in ("text_encoder", "tokenizer")}
    (blind / "model_index.json").write_text(json.dumps(kept))
    says = "model wordless has no text tower: use pictures, or another model"
    assert bad(*FOX, "--model", "wordless") == says
