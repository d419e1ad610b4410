#!/usr/bin/env python3
"""Each stage of the representation against the plain model, on development splits, ten seeds, paired.

    learner/bench/pretraining_ablation.py --program build/release/bin/cupel-learner [--variant NAME]...

Runs `cupel-learner evaluate learner/data/clusters.csv --development --seeds 10` once per variant, with one network unless
told otherwise (an average of four hides what a stage does), and prints, per split and over all splits, the mean AUC and
the paired gain over the base variant with its standard error over the seeds. A stage is kept when its gain over all
splits exceeds its standard error. Needs nothing but Python's own library.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# name: (options of evaluate, options of pretrain or None, what it is compared with)
VARIANTS = {
    "networks": (["--kernel", "0"], None, None),
    "kernel member": ([], None, "networks"),
    "+ cores pretrained": ([], ["--cores"], "kernel member"),
    "+ ligands pretrained": ([], ["--ligands"], "kernel member"),
    "+ both pretrained": ([], [], "kernel member"),
    "+ messages": (["--graph-layers", "2"], None, "kernel member"),
    "+ messages, ligands pretrained": (["--graph-layers", "2"], ["--ligands", "--graph-layers", "2"], "+ messages"),
}


def by_seed(program, name, folder, members, threads):
    evaluate, pretrain, _ = VARIANTS[name]
    words = [program, "evaluate", str(ROOT / "learner/data/clusters.csv"), "--development", "--seeds", "10",
             "--no-calibration", "--members", str(members), "--threads", str(threads)]
    if pretrain is not None:
        weights = str(folder / "first.weights")
        subprocess.run([program, "pretrain", "--out", weights] + pretrain, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        evaluate = evaluate + ["--pretrained", weights]
    subprocess.run(words + evaluate + ["--json", str(folder / "auc.json")], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    report = json.loads((folder / "auc.json").read_text())
    return {split["split"]: split["scores"]["model"]["by_seed"] for split in report["splits"]}


def mean_error(values):
    mean = sum(values) / len(values)
    return mean, (sum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)) ** 0.5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/cupel-learner"))
    parser.add_argument("--variant", action="append", choices=list(VARIANTS), help="only these (and what they need)")
    parser.add_argument("--members", type=int, default=1, help="networks in the ensemble (1)")
    parser.add_argument("--threads", type=int, default=2, help="fits side by side (2)")
    options = parser.parse_args()
    wanted = [v for v in VARIANTS if not options.variant or v in options.variant]
    for name in list(wanted):
        base = VARIANTS[name][2]
        while base and base not in wanted:
            wanted.append(base)
            base = VARIANTS[base][2]
    figures = {}
    print("| variant | against | " + "gain per split, paired, +- SE | gain over all splits | kept |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name in (v for v in VARIANTS if v in wanted):
            figures[name] = by_seed(options.program, name, Path(folder), options.members, options.threads)
            base = figures.get(VARIANTS[name][2])
            if base is None:
                cells = ", ".join(f"{s} {mean_error(a)[0]:.3f}" for s, a in figures[name].items())
                print(f"| {name} | - | AUC: {cells} | | |", flush=True)
                continue
            gains = {s: [x - y for x, y in zip(a, base[s])] for s, a in figures[name].items()}
            cells = ", ".join("%s %+.3f +- %.3f" % ((s,) + mean_error(g)) for s, g in gains.items())
            whole = mean_error([sum(g) / len(g) for g in zip(*gains.values())])
            kept = "yes" if whole[0] > whole[1] else "no"
            print(f"| {name} | {VARIANTS[name][2]} | {cells} | {whole[0]:+.4f} +- {whole[1]:.4f} | {kept} |", flush=True)


if __name__ == "__main__":
    main()
