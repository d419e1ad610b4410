# The cupel command line. No LibTorch here: what needs the model runs cupel-learner.
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

# What it is made of beside the commands, so that tests can take hold of it.
add_library(cupel_cli_parts STATIC
  cli/attachments.cpp
  cli/attention.cpp
  cli/board_page.cpp
  cli/campaign_file.cpp
  cli/cluster_text.cpp
  cli/event_text.cpp
  cli/held_results.cpp
  cli/id_match.cpp
  cli/model_lineage.cpp
  cli/printable.cpp
  cli/proposal_text.cpp
  cli/text_table.cpp
  cli/time_text.cpp
  cli/whole_file.cpp)
target_include_directories(cupel_cli_parts PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/cli)
target_link_libraries(cupel_cli_parts
  PUBLIC cupel::domain nlohmann_json::nlohmann_json
  PRIVATE cupel::controller cupel::chemistry cupel::codec cupel_warnings)

add_executable(cupel
  cli/alarms.cpp
  cli/board.cpp
  cli/campaign.cpp
  cli/connection.cpp
  cli/cupel.cpp
  cli/doctor.cpp
  cli/history.cpp
  cli/keys.cpp
  cli/learner_programs.cpp
  cli/log.cpp
  cli/models.cpp
  cli/outcome_options.cpp
  cli/pool.cpp
  cli/pool_import.cpp
  cli/results.cpp
  cli/review.cpp
  cli/show.cpp
  cli/store_options.cpp
  cli/structure.cpp
  cli/unknown_causes.cpp
  cli/verify.cpp
  cli/work.cpp)
target_link_libraries(cupel PRIVATE
  cupel_cli_parts cupel::client cupel::controller cupel::chemistry cupel::codec cupel::domain
  cupel_warnings CLI11::CLI11 nlohmann_json::nlohmann_json cppzmq)
