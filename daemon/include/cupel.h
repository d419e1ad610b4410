/* The controller for programs in C, and in any language that calls C. Everything in it is also in
 * <cupel/controller.hpp>; commands and events go over its sockets, as the protocol page says.
 *
 * No function throws or prints. One that can fail returns a cupel_status and writes one line (what,
 * where, what to do) into `error`, cut to `error_size` bytes with its ending zero; `error` may be
 * NULL. */
#ifndef CUPEL_H
#define CUPEL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cupel_controller cupel_controller;

/* The same numbers are the exit codes of the programs. */
typedef enum cupel_status {
    CUPEL_OK = 0,
    CUPEL_FAILURE = 1,  /* port, store, hash */
    CUPEL_BAD_INPUT = 2 /* configuration or another file that has to be mended */
} cupel_status;

typedef enum cupel_log_level {
    CUPEL_LOG_DEBUG = 0,
    CUPEL_LOG_INFO = 1,
    CUPEL_LOG_WARNING = 2,
    CUPEL_LOG_ERROR = 3
} cupel_log_level;

/* Takes one line of the log. Called from several threads; must not block. */
typedef void (*cupel_log)(cupel_log_level level, const char* line, void* user);

/* "0.1.0". */
const char* cupel_version(void);

/* Makes a controller from a TOML file; NULL: loopback, free ports, a temporary store and no
 * campaigns. Nothing runs yet. `log` may be NULL; `user` is handed to it. On success *made is to be
 * given to cupel_controller_free. */
cupel_status cupel_controller_new(const char* config_file,
                                  cupel_log log,
                                  void* user,
                                  cupel_controller** made,
                                  char* error,
                                  size_t error_size);

/* Store, learner, sockets; commands are served when it returns CUPEL_OK. Once for each controller.
 */
cupel_status cupel_controller_start(cupel_controller* controller, char* error, size_t error_size);

/* Endpoints with the ports that were bound; "" before the start. Valid until the controller is
 * freed. */
const char* cupel_controller_control_endpoint(const cupel_controller* controller);
const char* cupel_controller_events_endpoint(const cupel_controller* controller);

/* No new proposals from now on; everything else goes on. From any thread. */
void cupel_controller_request_stop(cupel_controller* controller);

/* Answers what came in and ends every thread and child. More than once does no harm. */
void cupel_controller_stop(cupel_controller* controller);

/* Stops and frees. NULL is nothing. */
void cupel_controller_free(cupel_controller* controller);

#ifdef __cplusplus
}
#endif

#endif
