// What the bus needs to know.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include <cupel/controller/allow_list.hpp>

#include "connections.hpp"

namespace cupel::controller {

class Metrics;

struct BusOptions {
    std::string control = "tcp://127.0.0.1:*";
    std::string events = "tcp://127.0.0.1:*";
    std::chrono::milliseconds heartbeat{5000};
    bool curve = false;                    ///< false: everybody on this machine
    std::string secret_key;                ///< of this server, with curve
    SharedAllowList allowed;               ///< with curve; null allows nobody
    std::shared_ptr<Metrics> metrics;      ///< may be null
    int inbox = 4096;                      ///< commands without an answer, of everybody
    int rate = 0;                          ///< commands a second of one connection; 0: any
    int inbox_of_one = 512;                ///< of one connection
    std::size_t inbox_bytes = 256u << 20;  ///< blob bytes on their way to the store, of everybody
    std::size_t max_message = 65u << 20;   ///< body and blobs of one message
    UnfinishedBytes unfinished;            ///< of messages whose end has not come
    /// Of this process, more than before a suspicious message began: then its sender goes. Small
    /// frames take forty times their bytes.
    std::uint64_t unfinished_memory = 256u << 20;
    int topics_of_one = 128;  ///< subscriptions of one connection, granted or not
    /// A longer frame drops its peer. A blob has 8 MiB, and CURVE adds 33 bytes.
    std::size_t max_frame = (8u << 20) + 64;
    std::size_t max_body = 256u << 10;  ///< JSON of one command; parsed on the io thread
    std::size_t max_blobs = 64;         ///< blob frames of one message
    std::size_t max_peers = 4096;       ///< connections whose HELLO is remembered
    int max_connections = 1024;         ///< of both sockets together
    int fetches = 8;                    ///< BLOB_GETs without an answer, of everybody
    int fetches_of_one = 2;             ///< of one connection
    int pages = 32;                     ///< REPLAYs and SNAPSHOTs without an answer, of everybody
    int pages_of_one = 4;               ///< of one connection
    std::size_t unread_bytes = 256u << 20;  ///< of answers that nobody has read yet, of everybody
    std::size_t unread_of_one = 16u << 20;  ///< of one connection
    int reply_backlog = 1024;  ///< replies waiting for one peer to read; > inbox_of_one
    int event_backlog = 1000;  ///< events waiting for one subscriber to read
};

}  // namespace cupel::controller
