# Sources of ligands, dataset, pools and edits.
target_sources(cupel_chemistry PRIVATE
  abbreviations.cpp
  anion_formula.cpp
  candidate_check.cpp
  candidate_name.cpp
  csv.cpp
  data_dir.cpp
  decoys.cpp
  donors.cpp
  edits.cpp
  electron_count.cpp
  featuriser.cpp
  hazards.cpp
  ligand_picture.cpp
  pool.cpp
  reported_table.cpp
  reported_table_export.cpp
  smiles.cpp
  splits.cpp
  stock.cpp)
set_source_files_properties(data_dir.cpp PROPERTIES
  COMPILE_DEFINITIONS CUPEL_SOURCE_DATA_DIR="${PROJECT_SOURCE_DIR}/learner/data")
