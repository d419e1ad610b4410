// What a store that cannot be written means, in words.
#include "store_trouble.hpp"

#include <algorithm>
#include <chrono>

#include <cupel/domain/ulid.hpp>

namespace cupel::controller {

void StoreTrouble::begin(const StoreFailure& failure, const std::string& time, Instant now) {
    if (!began_) {
        began_ = Began{make_ulid(), time, failure, 0, now};
    }
}

bool StoreTrouble::time_to_probe(Instant now) {
    if (!began_ || now < began_->next_probe) {
        return false;
    }
    const int tries = ++began_->probes;
    began_->next_probe = now + std::chrono::seconds(std::min(60, 1 << std::min(tries, 6)));
    return true;
}

AlarmRow StoreTrouble::alarm() const {
    const char* advice = began_->failure.full
                             ? "; make room on the disk of the store, cupeld goes on by itself"
                             : "; cupel doctor says more, cupeld tries again by itself";
    return {began_->id,
            "",
            "nothing can be written since " + began_->time + ": " + began_->failure.text + advice,
            began_->time,
            ""};
}

std::string StoreTrouble::account(const std::string& until) const {
    return "from " + began_->time + " to " + until +
           " nothing could be written: " + began_->failure.text +
           "; whoever sent a command meanwhile was told to send it again";
}

}  // namespace cupel::controller
