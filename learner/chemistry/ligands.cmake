# Sources of ligands, dataset, pools and edits.
target_sources(cupel_chemistry PRIVATE smiles.cpp)
