/* A parbench worker in C11 for POSIX systems, without libraries: counts primes.
 * Built by `cc -std=c11 -O2 -o primes primes.c`.
 *
 * Replace the workload by your own work. Below it stand the worker protocol, version 2
 * (docs/worker-protocol.md), and as much of a JSON reader as it needs: neither need be changed. */

#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long long number;

/* JSON is read where it stands: a value is the place where it begins. Both take NULL, no value. */
static const char *member(const char *object, const char *name); /* NULL where there is none */
static bool whole(const char *value, number *result); /* a whole number from 0, or nothing */

/* The work. What a function returns in place of NULL becomes the error of one request: ASCII
 * without quotes. A result of another type than a number is printed by `serve`. */

#define NAME "primes"
#define UNIT "numbers" /* of what all tasks together get through */

struct workload {
    number tasks, size;
};

/* Makes ready what tasks need. Not timed. */
static const char *prepare(struct workload *w, const char *params) {
    const char *tasks = member(params, "tasks"), *size = member(params, "size");
    w->tasks = 16;
    w->size = 200000;
    if (!params || *params != '{')
        return "this is not a request: it has no params";
    if ((tasks && !whole(tasks, &w->tasks)) || w->tasks < 1 || w->tasks > 1000000)
        return "tasks must be a whole number from 1 to 1000000";
    if ((size && !whole(size, &w->size)) || w->size > 1000000000)
        return "size must be a whole number from 0 to 1000000000";
    return NULL;
}

/* Does a task. Its result depends on the parameters and the index only. */
static const char *task(const struct workload *w, number index, number *result) {
    *result = 0;
    for (number n = w->size * index / w->tasks; n < w->size * (index + 1) / w->tasks; n++) {
        bool is_prime = n > 1;
        for (number divisor = 2; is_prime && divisor * divisor <= n; divisor++)
            is_prime = n % divisor != 0;
        *result += is_prime;
    }
    return NULL;
}

/* Adds the result of a task to the answer, in the order of the tasks. The answer begins as 0. */
static const char *combine(number *answer, const char *partial) {
    number primes;
    if (!whole(partial, &primes))
        return "a partial result is not a whole number";
    *answer += primes;
    return NULL;
}

/* The protocol. */

#define PROTOCOL 2
#define DEPTH 100 /* of arrays and objects within one another */

static bool is(const char *value, const char *text);
static const char *first(const char *array);
static const char *next(const char *value);
static bool is_json(const char *line, size_t length);

static void serve(FILE *answers, const char *request);

int main(void) {
    FILE *answers = fdopen(dup(STDOUT_FILENO), "w");
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    /* What a task prints must not get among the answers. */
    if (!answers || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);

    fprintf(answers, "{\"parbench_worker\":%d}\n", PROTOCOL);
    /* It fails when nobody wants the answers any more. */
    while (fflush(answers) == 0 && (length = getline(&line, &size, stdin)) >= 0)
        serve(answers, is_json(line, (size_t)length) ? line : "null");
    free(line);
    return 0;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Does a task in the time that `slowdown` asks for. */
static const char *timed(const struct workload *w, number index, const char *slowdown,
                         number *result, double *seconds) {
    double start = now();
    const char *error = task(w, index, result);
    double taken = now() - start, least = slowdown ? taken * strtod(slowdown, NULL) : 0;
    while ((*seconds = now() - start) < least)
        ;
    return error;
}

static const char *no_task(number index, number tasks) {
    static char why[100];
    snprintf(why, sizeof why, "there is no task %llu: %s has %llu", index, NAME, tasks);
    return why;
}

static void serve(FILE *answers, const char *request) {
    const char *version = member(request, "parbench_worker"), *action = member(request, "do");
    const char *index_given = member(request, "task"), *partials = member(request, "partials");
    const char *error = NULL;
    number id, index = 0, count = 0, result = 0, spoken = PROTOCOL;
    struct workload w = {0};
    double seconds = 0;

    if (!whole(member(request, "id"), &id)) {
        fputs("{\"id\":null,\"error\":\"this is not a request: it has no id\"}\n", answers);
        return;
    }
    fprintf(answers, "{\"id\":%llu,", id);

    bool is_task = !action || is(action, "task"), is_audit = is(action, "audit");
    if (version && (!whole(version, &spoken) || spoken != PROTOCOL))
        error = "the request is of another version of the worker protocol, and this worker speaks "
                "version 2";
    else if (!is(member(request, "workload"), NAME))
        error = "this worker knows only the workload " NAME;
    else if (!(error = prepare(&w, member(request, "params"))) && (is_task || is_audit)) {
        if ((index_given && !whole(index_given, &index)) || index >= w.tasks)
            error = no_task(index, w.tasks);
        else
            error = timed(&w, index, member(request, "slowdown"), &result, &seconds);
    }

    if (!error && is(action, "combine")) {
        for (const char *p = first(partials); p && !error; p = next(p), count++)
            error = combine(&result, p);
        if (!error && count != w.tasks)
            error = "there is not one partial result for each task";
    }

    if (error)
        fprintf(answers, "\"error\":\"%s\"}\n", error);
    else if (is_task)
        fprintf(answers, "\"partial\":%llu,\"seconds\":%.9f}\n", result, seconds);
    else if (is_audit || is(action, "prepare") || is(action, "cool-down"))
        fprintf(answers, "\"seconds\":%.9f}\n", seconds);
    else if (is(action, "inputs"))
        fprintf(answers, "\"inputs\":null}\n");
    else if (is(action, "describe"))
        fprintf(answers, "\"tasks\":%llu,\"work\":{\"amount\":%llu,\"unit\":\"%s\"},\"task_bytes\":0}\n",
                w.tasks, w.size, UNIT);
    else if (is(action, "combine"))
        fprintf(answers, "\"answer\":%llu}\n", result);
    else
        fputs("\"error\":\"this is not a request: its action is unknown\"}\n", answers);
}

/* The JSON reader. A line is checked as a whole by `is_json`; after that it is known to be JSON. */

static const char *space(const char *s) { return s + strspn(s, " \t\r\n"); }

static const char *past_digits(const char *s) {
    return isdigit((unsigned char)*s) ? s + strspn(s, "0123456789") : NULL;
}

static const char *past_number(const char *s) {
    s += *s == '-';
    s = *s == '0' ? s + 1 : past_digits(s);
    if (s && *s == '.')
        s = past_digits(s + 1);
    if (s && (*s == 'e' || *s == 'E'))
        s = past_digits(s + 1 + (s[1] == '+' || s[1] == '-'));
    return s;
}

static const char *past_string(const char *s) {
    if (*s++ != '"')
        return NULL;
    for (; *s != '"'; s++) {
        if ((unsigned char)*s < ' ')
            return NULL;
        if (*s != '\\')
            continue;
        if (*++s == 'u') {
            for (int i = 0; i < 4; i++)
                if (!isxdigit((unsigned char)*++s))
                    return NULL;
        } else if (!*s || !strchr("\"\\/bfnrt", *s)) {
            return NULL;
        }
    }
    return s + 1;
}

/* What follows the value, or NULL if it is not JSON. */
static const char *past(const char *s, int depth) {
    const char *words[] = {"true", "false", "null"};
    char open = *s, close = open == '{' ? '}' : ']';
    if (open == '"')
        return past_string(s);
    for (int i = 0; i < 3; i++)
        if (strncmp(s, words[i], strlen(words[i])) == 0)
            return s + strlen(words[i]);
    if (open != '{' && open != '[')
        return past_number(s);

    s = space(s + 1);
    if (*s == close)
        return s + 1;
    while (depth > 0) {
        if (open == '{') {
            if (!(s = past_string(s)) || *(s = space(s)) != ':')
                return NULL;
            s = space(s + 1);
        }
        if (!(s = past(s, depth - 1)))
            return NULL;
        s = space(s);
        if (*s == close)
            return s + 1;
        if (*s != ',')
            return NULL;
        s = space(s + 1);
    }
    return NULL;
}

static bool is_utf8(const char *text) {
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        unsigned char lead = *s++;
        int more = lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
        if (more < 0 || (lead == 0xe0 && *s < 0xa0) || (lead == 0xed && *s > 0x9f) ||
            (lead == 0xf0 && *s < 0x90) || (lead == 0xf4 && *s > 0x8f))
            return false;
        for (; more > 0; more--)
            if ((*s++ & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static bool is_json(const char *line, size_t length) {
    const char *end = strlen(line) == length && is_utf8(line) ? past(space(line), DEPTH) : NULL;
    return end && !*space(end);
}

/* Whether it is a string that says `text`, which is ASCII. */
static bool is(const char *value, const char *text) {
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (!value || *value++ != '"')
        return false;
    for (; *value != '"'; value++, text++) {
        unsigned character = (unsigned char)*value;
        if (*value == '\\' && *++value == 'u') {
            sscanf(value + 1, "%4x", &character);
            value += 4;
        } else if (character == '\\') {
            character = (unsigned char)meanings[strchr(escapes, *value) - escapes];
        }
        if (!*text || character != (unsigned char)*text)
            return false;
    }
    return !*text;
}

static bool whole(const char *value, number *result) {
    char *end;
    if (!value || !isdigit((unsigned char)*value))
        return false;
    errno = 0;
    *result = strtoull(value, &end, 10);
    return errno == 0 && !strchr(".eE", *end);
}

static const char *first(const char *array) {
    const char *value = array && *array == '[' ? space(array + 1) : NULL;
    return value && *value != ']' ? value : NULL;
}

/* The value after one in its array or object; in an object, the name that stands before it. */
static const char *next(const char *value) {
    const char *end = space(past(value, DEPTH));
    return *end == ',' ? space(end + 1) : NULL;
}

static const char *member(const char *object, const char *name) {
    object = object ? space(object) : NULL;
    if (!object || *object != '{' || *space(object + 1) == '}')
        return NULL;
    for (const char *key = space(object + 1); key;) {
        const char *value = space(space(past_string(key)) + 1);
        if (is(key, name))
            return value;
        key = next(value);
    }
    return NULL;
}
