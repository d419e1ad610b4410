#!/usr/bin/python3
"""The random forest that the model is held against on metal-linker pairs, linkers unseen.

usage: pairs_forest_peer.py PAIRS.csv SCORES.json [--elements ELEMENTS.csv] [--trees N]

SCORES.json is what `cupel evaluate PAIRS.csv --scores SCORES.json` wrote: the rows of each seed's training and test pairs
and the model's scores. Fits one forest per seed on the metal (one-hot, and its columns of ELEMENTS.csv where given) and the
linker's fingerprint, with degree-matched negatives, and prints its AUC beside the model's and the paired gain with its
bootstrap 95 % interval (1,000 resamplings of the pairs within each seed).
Needs python3-rdkit and python3-sklearn; nothing else of Cupel does.
"""
import argparse
import csv
import json
import random
from pathlib import Path

import numpy as np
from rdkit import Chem, RDLogger
from rdkit.Chem import AllChem
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

RDLogger.DisableLog("rdApp.*")
BITS = 512


def read_metals(rows, elements):
    metals = sorted({row["metal"] for row in rows})
    table = {}
    if elements:
        with open(elements, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                table[row["element"]] = [float(v or 0) for k, v in row.items() if k != "element"]
    width = len(next(iter(table.values()))) if table else 0
    return {m: np.concatenate([np.eye(len(metals))[i], table.get(m, [0.0] * width)]) for i, m in enumerate(metals)}


def read_linkers(rows):
    vectors = {}
    for smiles in {row["linker_SMILES"] for row in rows}:
        vector = np.zeros(BITS, dtype=np.float32)
        molecule = Chem.MolFromSmiles(smiles)
        if molecule is not None:
            vector[list(AllChem.GetMorganFingerprintAsBitVect(molecule, 2, BITS).GetOnBits())] = 1
        vectors[smiles] = vector
    return vectors


def swapped(train, known, times, seed):
    generator = random.Random(seed)
    pairs = []
    for _ in range(times):
        order = list(train)
        generator.shuffle(order)
        pairs += [(a[0], b[1]) for a, b in zip(train, order) if (a[0], b[1]) not in known]
    return pairs


def resampled(sample, generator):
    y, a, b = sample
    take = generator.integers(0, len(y), len(y))
    return roc_auc_score(y[take], a[take]) - roc_auc_score(y[take], b[take])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("scores", type=Path)
    parser.add_argument("--elements", type=Path)
    parser.add_argument("--trees", type=int, default=300)
    options = parser.parse_args()
    with open(options.pairs, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    metals, linkers = read_metals(rows, options.elements), read_linkers(rows)
    pair = [(row["metal"], row["linker_SMILES"]) for row in rows]
    samples, figures = [], []
    for entry in json.loads(options.scores.read_text())["linker-cold"]:
        train = [pair[i] for i in entry["train"]]
        negative = swapped(train, set(pair), 4, entry["seed"])
        features = lambda pairs: np.array([np.concatenate([metals[m], linkers[l]]) for m, l in pairs], dtype=np.float32)
        forest = RandomForestClassifier(options.trees, min_samples_leaf=2, n_jobs=1, random_state=entry["seed"])
        weights = [len(negative) / len(train)] * len(train) + [1.0] * len(negative)
        forest.fit(features(train + negative), [1] * len(train) + [0] * len(negative), sample_weight=weights)
        test = [pair[i] for i in entry["test_pos"]] + [(pair[a][0], pair[b][1]) for a, b in entry["test_neg"]]
        y = np.array([1] * len(entry["test_pos"]) + [0] * len(entry["test_neg"]))
        scores = forest.predict_proba(features(test))[:, 1]
        model = np.array(entry["model"])
        samples.append((y, model, scores))
        figures.append((roc_auc_score(y, scores), roc_auc_score(y, model)))
        print(f"seed {entry['seed']}: forest {figures[-1][0]:.3f}, model {figures[-1][1]:.3f}", flush=True)
    mean, error = np.mean(figures, 0), np.std(figures, 0, ddof=1) / len(figures) ** 0.5
    generator = np.random.default_rng(1)
    gains = [np.mean([resampled(s, generator) for s in samples]) for _ in range(1000)]
    low, high = np.percentile(gains, [2.5, 97.5])
    print(f"forest {mean[0]:.3f} +- {error[0]:.3f}, model {mean[1]:.3f} +- {error[1]:.3f}, "
          f"paired gain {mean[1] - mean[0]:+.3f} [{low:+.3f}, {high:+.3f}]")


if __name__ == "__main__":
    main()
