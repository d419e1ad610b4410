/* An integrator's program in C: the whole daemon inside it, and a mistake said in one line. */
#include <cupel.h>
#include <stdio.h>
#include <string.h>

static void print_errors(cupel_log_level level, const char* line, void* user) {
    if (level >= CUPEL_LOG_ERROR) {
        fprintf(stderr, "%s: %s\n", (const char*)user, line);
    }
}

int main(void) {
    char error[256];
    char name[] = "c";
    cupel_controller* controller = NULL;
    if (cupel_controller_new("nowhere.toml", NULL, NULL, &controller, error, sizeof error) !=
            CUPEL_BAD_INPUT ||
        controller != NULL || strstr(error, "nowhere.toml: there is no such file") == NULL) {
        fprintf(stderr, "c: a file that is not there gave \"%s\"\n", error);
        return 1;
    }
    if (cupel_controller_new(NULL, print_errors, name, &controller, error, sizeof error) !=
            CUPEL_OK ||
        cupel_controller_start(controller, error, sizeof error) != CUPEL_OK) {
        fprintf(stderr, "c: %s\n", error);
        return 1;
    }
    printf("cupel %s served from C at %s and stopped\n",
           cupel_version(),
           cupel_controller_control_endpoint(controller));
    const int served =
        strncmp(cupel_controller_events_endpoint(controller), "tcp://127.0.0.1:", 16) == 0;
    cupel_controller_request_stop(controller);
    cupel_controller_stop(controller);
    cupel_controller_free(controller);
    cupel_controller_free(NULL);
    if (cupel_controller_new(NULL, NULL, NULL, NULL, error, sizeof error) != CUPEL_BAD_INPUT ||
        cupel_controller_start(NULL, error, sizeof error) != CUPEL_BAD_INPUT ||
        strcmp(cupel_controller_control_endpoint(NULL), "") != 0) {
        return 1;
    }
    cupel_controller_stop(NULL);
    return served ? 0 : 1;
}
