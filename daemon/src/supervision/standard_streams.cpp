// open() takes the lowest number that is free.
#include "standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace cupel::controller {

void keep_standard_streams() noexcept {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
        if (::fcntl(stream, F_GETFD) < 0) {
            // Output that nobody gets is an error to whoever waits for it; a log without a reader
            // is not.
            ::open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR);
        }
    }
}

}  // namespace cupel::controller
