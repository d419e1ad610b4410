#!/usr/bin/python3
"""The random forest that the compatibility model is held against, on the fixed splits.

usage: forest_peer.py [--data learner/data] [--scores MODEL_SCORES.json] [--seeds N]

Fits one forest per split and seed on core composition and ligand fingerprints, with degree-matched negatives, and prints
its AUC. With --scores (what `cupel evaluate DATA --scores FILE` wrote) it also prints the model's AUC on the same pairs
and the paired gain with its bootstrap 95 % interval (1,000 resamplings of the pairs within each seed).
Needs Debian's python3-rdkit and python3-sklearn; nothing else of Cupel does.
"""
import argparse
import csv
import json
import random
import re
from pathlib import Path

import numpy as np
from rdkit import Chem, RDLogger
from rdkit.Chem import AllChem
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

RDLogger.DisableLog("rdApp.*")
BITS = 256


def composition(text):
    found = (re.fullmatch(r"(\w+):(\d+)", part.strip()) for part in (text or "").split(";"))
    return {m.group(1): int(m.group(2)) for m in found if m}


def read_rows(folder):
    with open(folder / "clusters.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "ok" and row["ligands"]]
    metals = sorted({e for row in rows for e in composition(row["metals"])})
    anions = sorted({e for row in rows for e in composition(row["inorganic_anions"])})
    cores, sets, fingerprints = {}, {}, {}
    for row in rows:
        count = composition(row["metals"])
        anion = composition(row["inorganic_anions"])
        n = sum(count.values())
        cores[row["id"]] = np.array([count.get(e, 0) / n for e in metals] + [n, np.log(n)]
                                    + [anion.get(e, 0) for e in anions] + [float(row["hydride_count"] or 0)])
        species = sorted({part.rpartition("*")[0] for part in row["ligands"].split(";")})
        for smiles in species:
            if smiles not in fingerprints:
                molecule = Chem.MolFromSmiles(smiles)
                vector = np.zeros(BITS)
                vector[list(AllChem.GetMorganFingerprintAsBitVect(molecule, 2, BITS).GetOnBits())] = 1
                symbols = [a.GetSymbol() for a in molecule.GetAtoms() if a.GetFormalCharge() < 0 or a.GetSymbol() in "PSN"]
                donors = [float(symbol in symbols) for symbol in ("S", "Se", "P", "N", "O", "C")]
                fingerprints[smiles] = np.concatenate([vector, donors, [molecule.GetNumHeavyAtoms() / 20, Chem.GetFormalCharge(molecule)]])
        stack = np.array([fingerprints[s] for s in species])
        sets[row["id"]] = np.concatenate([stack.max(0), stack.mean(0)])
    keys = {row["id"]: (tuple(cores[row["id"]]), tuple(sets[row["id"]])) for row in rows}
    nuclearity = {row["id"]: sum(composition(row["metals"]).values()) for row in rows}
    return cores, sets, keys, nuclearity


def swapped(ids, keys, times, seed):
    """Degree-matched negatives: the ligand sets shuffled among the cores; reported pairs are left out."""
    known = {(keys[i][0], keys[i][1]) for i in keys}
    generator = random.Random(seed)
    pairs = []
    for _ in range(times):
        order = list(ids)
        generator.shuffle(order)
        pairs += [(a, b) for a, b in zip(ids, order) if (keys[a][0], keys[b][1]) not in known]
    return pairs


def forest_scores(split, cores, sets, keys):
    train = [(i, i) for i in split["train"]]
    negative = swapped(split["train"], keys, 12, split["seed"])
    features = lambda pairs: np.array([np.concatenate([cores[a], sets[b]]) for a, b in pairs])
    weights = [len(negative) / len(train)] * len(train) + [1.0] * len(negative)
    forest = RandomForestClassifier(400, min_samples_leaf=2, n_jobs=2, random_state=split["seed"])
    forest.fit(features(train + negative), [1] * len(train) + [0] * len(negative), sample_weight=weights)
    test = [(i, i) for i in split["test_pos"]] + [tuple(pair) for pair in split["test_neg"]]
    return forest.predict_proba(features(test))[:, 1]


def auc_gain(samples, generator):
    return np.mean([roc_auc_score(y, a) - roc_auc_score(y, b) for y, a, b in (resampled(s, generator) for s in samples)])


def resampled(sample, generator):
    y, a, b = sample
    while True:
        take = generator.integers(0, len(y), len(y)) if generator is not None else np.arange(len(y))
        if 0 < y[take].sum() < len(y):
            return y[take], a[take], b[take]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[1] / "data")
    parser.add_argument("--scores", type=Path, help="what `cupel evaluate DATA --scores FILE` wrote")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    cores, sets, keys, nuclearity = read_rows(options.data)
    splits = json.loads((options.data / "splits.json").read_text())["splits"]
    model = json.loads(options.scores.read_text()) if options.scores else {}
    print("split         forest          no relatives  6+ metals" + ("   model   gain [95 % interval]" if model else ""))
    for name, seeds in splits.items():
        figures, samples = [], []
        for split in seeds[:options.seeds]:
            scores = forest_scores(split, cores, sets, keys)
            y = np.array([1] * len(split["test_pos"]) + [0] * len(split["test_neg"]))
            far = np.array([not r for r in split["relative"]] + [True] * len(split["test_neg"]))
            ids = split["test_pos"] + [pair[0] for pair in split["test_neg"]]
            big = np.array([nuclearity[i] >= 6 for i in ids])
            figures.append([roc_auc_score(y, scores), roc_auc_score(y[far], scores[far]), roc_auc_score(y[big], scores[big])])
            for entry in model.get(name, []):
                if entry["seed"] == split["seed"]:
                    samples.append((y, np.array(entry["model"]), scores))
        mean, error = np.mean(figures, 0), np.std(figures, 0, ddof=1) / len(figures) ** 0.5
        line = f"{name:12s}  {mean[0]:.3f} +- {error[0]:.3f}  {mean[1]:.3f}         {mean[2]:.3f}"
        if samples:
            generator = np.random.default_rng(1)
            draws = [auc_gain(samples, generator) for _ in range(1000)]
            auc = np.mean([roc_auc_score(y, a) for y, a, _ in samples])
            low, high = np.percentile(draws, [2.5, 97.5])
            line += f"       {auc:.3f}   {auc_gain(samples, None):+.3f} [{low:+.3f}, {high:+.3f}]"
        print(line, flush=True)


if __name__ == "__main__":
    main()
