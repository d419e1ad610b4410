# How long a store with a long past takes to open.
find_package(nlohmann_json REQUIRED)
find_package(SQLiteCpp REQUIRED)
add_executable(opening_bench ${CMAKE_CURRENT_LIST_DIR}/opening_bench.cpp)
target_link_libraries(opening_bench PRIVATE cupel_warnings
  cupel::controller cupel::codec nlohmann_json::nlohmann_json SQLiteCpp)
target_include_directories(opening_bench PRIVATE
  ${PROJECT_SOURCE_DIR}/tests/support ${PROJECT_SOURCE_DIR}/tests/daemon ${PROJECT_SOURCE_DIR}/daemon/src)
add_test(NAME "bench: opening a store with a long past" COMMAND opening_bench --quick)
set_tests_properties("bench: opening a store with a long past" PROPERTIES LABELS system TIMEOUT 120)
