// File after file through the analysis, until somebody no longer wants to know.
#include "structure_reader.hpp"

#include <utility>

#include "blob_store.hpp"

namespace cupel::controller {

std::string StructuresRead::trouble() const {
    if (failures.empty()) {
        return "";
    }
    const Failure& first = failures.front();
    return "structure " + (first.crashed ? "unreadable" : first.code) + ": " + first.text;
}

struct StructureReader::Reading {
    Task task;
    StructuresRead read;
    std::size_t at = 0;  ///< the file that is read next
};

void StructureReader::read(Task task) {
    auto reading = std::make_shared<Reading>();
    reading->task = std::move(task);
    if (!reading->task.files.empty()) {
        next(reading);
        return;
    }
    post_([reading] {
        if (reading->task.wanted()) {
            reading->task.done(reading->read);
        }
    });
}

void StructureReader::next(const std::shared_ptr<Reading>& reading) {
    const StructureFile& file = reading->task.files[reading->at];
    structures_.analyse(
        {blob_path(blobs_, file.sha256), file.name, reading->task.target},
        [this, reading](StructureAnswer answer) {
            post_([this, reading, answer = std::move(answer)] { take(reading, answer); });
        });
}

void StructureReader::take(const std::shared_ptr<Reading>& reading, StructureAnswer answer) {
    const Task& task = reading->task;
    StructuresRead& read = reading->read;
    if (answer.report && (answer.report->verdict || !task.target)) {
        read.reports.push_back(std::move(*answer.report));
    } else {
        read.failures.push_back(
            {task.files[reading->at].name, answer.code, answer.text, answer.crashed});
        task.failed(read.failures.back());
    }
    if (!task.wanted()) {
        return;
    }
    ++reading->at;
    if (reading->at < task.files.size()) {
        next(reading);
    } else {
        task.done(read);
    }
}

}  // namespace cupel::controller
