# cupel::controller and cupeld.
find_package(SQLiteCpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(cppzmq REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(prometheus-cpp REQUIRED)

option(CUPEL_FAULT_POINTS "Build named points at which tests kill the daemon" OFF)

# The numbered migrations, embedded in the order of their names.
file(GLOB cupel_migrations CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/schemas/sql/*.sql)
list(SORT cupel_migrations)
set(CUPEL_MIGRATION_TEXTS "")
foreach(migration IN LISTS cupel_migrations)
  file(READ ${migration} text)
  string(APPEND CUPEL_MIGRATION_TEXTS "        R\"cupel_sql(${text})cupel_sql\",\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${migration})
endforeach()
configure_file(src/ledger/migrations.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/migrations.cpp @ONLY)

cupel_add_library(controller include)
target_sources(cupel_controller PRIVATE
  ${CMAKE_CURRENT_BINARY_DIR}/migrations.cpp
  src/bus/allow_list.cpp
  src/bus/allow_list_watch.cpp
  src/bus/audit.cpp
  src/bus/bus.cpp
  src/bus/connection_monitor.cpp
  src/bus/command_fields.cpp
  src/bus/connections.cpp
  src/bus/control.cpp
  src/bus/endpoint.cpp
  src/bus/events.cpp
  src/bus/frames.cpp
  src/bus/endpoint_text.cpp
  src/bus/subscriptions.cpp
  src/bus/zap.cpp
  src/bus/zmq_watch.cpp
  src/c_interface.cpp
  src/campaign/campaign_config.cpp
  src/campaign/leases.cpp
  src/campaign/life_cycle.cpp
  src/campaign/offer_count.cpp
  src/campaign/same_cluster.cpp
  src/campaign/records.cpp
  src/config_diff.cpp
  src/config_keys.cpp
  src/controller.cpp
  src/daemon.cpp
  src/daemon_config.cpp
  src/http/http_server.cpp
  src/http/metrics.cpp
  src/http/status_metrics.cpp
  src/learning/flood_gate.cpp
  src/learning/learner_calls.cpp
  src/learning/learner_child.cpp
  src/learning/learner_messages.cpp
  src/learning/learner_process.cpp
  src/learning/popularity_campaign.cpp
  src/learning/popularity_service.cpp
  src/learning/reported_neighbours.cpp
  src/learning/rollback_watch.cpp
  src/learning/structure_process.cpp
  src/learning/training_schedule.cpp
  src/ledger/acquisition_rule.cpp
  src/ledger/announcements.cpp
  src/ledger/answered_commands.cpp
  src/ledger/blob_store.cpp
  src/ledger/changes.cpp
  src/ledger/commands_result.cpp
  src/ledger/commands_review.cpp
  src/ledger/commands_session.cpp
  src/ledger/commands_work.cpp
  src/ledger/core.cpp
  src/ledger/dispatch.cpp
  src/ledger/disk_failure.cpp
  src/ledger/epoch_file.cpp
  src/ledger/fault_point.cpp
  src/ledger/history_writer.cpp
  src/ledger/ledger.cpp
  src/ledger/models.cpp
  src/ledger/observations.cpp
  src/ledger/owner.cpp
  src/ledger/projection.cpp
  src/ledger/reader.cpp
  src/ledger/restored_store.cpp
  src/ledger/schedule.cpp
  src/ledger/started_since.cpp
  src/ledger/sessions.cpp
  src/ledger/status.cpp
  src/ledger/store.cpp
  src/ledger/store_backup.cpp
  src/ledger/store_check.cpp
  src/ledger/store_export.cpp
  src/ledger/store_files.cpp
  src/ledger/store_health.cpp
  src/ledger/store_lock.cpp
  src/ledger/store_projections.cpp
  src/ledger/store_rebuild.cpp
  src/ledger/store_trouble.cpp
  src/ledger/structure_reader.cpp
  src/ledger/transactions.cpp
  src/ledger/verdicts.cpp
  src/ledger/write_ahead_log.cpp
  src/log_line.cpp
  src/services.cpp
  src/supervision/alarm_command.cpp
  src/supervision/backoff.cpp
  src/supervision/child.cpp
  src/supervision/find_program.cpp
  src/supervision/standard_streams.cpp
  src/supervision/wake.cpp
  src/supervision/work_queue.cpp)
target_include_directories(cupel_controller PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src/ledger)
target_link_libraries(cupel_controller
  PUBLIC cupel::domain
  PRIVATE cupel::chemistry cupel::codec SQLiteCpp SQLite::SQLite3 nlohmann_json::nlohmann_json Threads::Threads
    Boost::headers cppzmq tomlplusplus::tomlplusplus prometheus-cpp::core)
target_compile_features(cupel_controller PUBLIC cxx_std_17)
target_compile_definitions(cupel_controller PRIVATE CUPEL_VERSION="${PROJECT_VERSION}")
# Boost 1.74 forgets <utility> under C++20. Boost stays in the sources that need the loop.
set_source_files_properties(src/http/http_server.cpp src/bus/bus.cpp src/bus/control.cpp src/bus/events.cpp
  src/bus/connection_monitor.cpp src/bus/zap.cpp src/bus/zmq_watch.cpp PROPERTIES COMPILE_OPTIONS "-include;utility")
if(CUPEL_FAULT_POINTS)
  target_compile_definitions(cupel_controller PRIVATE CUPEL_FAULT_POINTS)
endif()

# cupeld: the controller behind a command line. No LibTorch here: the model is a child process.
find_package(CLI11 REQUIRED)
# What cupeld is made of beside the controller, so that tests can take hold of it.
add_library(cupel_service_parts STATIC
  src/service/daemon_log.cpp
  src/service/line_queue.cpp
  src/service/log_format.cpp
  src/service/log_stream.cpp
  src/service/notify.cpp)
target_include_directories(cupel_service_parts PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/src)
target_link_libraries(cupel_service_parts
  PUBLIC cupel::controller cupel::domain
  PRIVATE nlohmann_json::nlohmann_json Threads::Threads cupel_warnings)
add_executable(cupeld cupeld.cpp)
target_link_libraries(cupeld PRIVATE cupel_service_parts cupel_warnings CLI11::CLI11)
# What one thread makes another frees: glibc's free() then waits for a lock of the other's, jemalloc's
# seldom does.  Optional; nothing in cupeld names it, so the linker is told to keep it.
find_library(CUPEL_JEMALLOC jemalloc)
if(CUPEL_JEMALLOC AND NOT CUPEL_SANITIZE)
  target_link_libraries(cupeld PRIVATE
    -Wl,--push-state,--no-as-needed ${CUPEL_JEMALLOC} -Wl,--pop-state)
endif()
