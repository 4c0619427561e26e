// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads and writes the files of fstrace.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "event.h"

__u64 fse_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

bool fse_until(bool (*cond)(void *arg), void *arg)
{
	__u64 deadline = fse_now() + FSE_SOON;

	while (!cond(arg)) {
		if (fse_now() >= deadline)
			return false;
		usleep(5000);
	}
	return true;
}

int fse_config_raw(const void *text, size_t len)
{
	int fd = open(FSE_DIR "/config", O_WRONLY | O_CLOEXEC);
	int err = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n < 0)
		err = -errno;
	else if ((size_t)n != len)
		err = -EIO;
	close(fd);
	return err;
}

int fse_config(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int len, err;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -ENOMEM;
	err = fse_config_raw(text, len);
	free(text);
	return err;
}

char *fse_read(const char *name)
{
	static char buf[1 << 18];
	char path[PATH_MAX];
	size_t len = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s%s", *name == '/' ? "" : FSE_DIR "/",
		 name);
	buf[0] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return buf;
	do {
		n = read(fd, buf + len, sizeof(buf) - 1 - len);
		len += n > 0 ? n : 0;
	} while (n > 0 && len < sizeof(buf) - 1);
	close(fd);
	buf[len] = '\0';
	return buf;
}

const char *fse_listed(const char *mount)
{
	size_t len = strlen(mount);
	char *line = fse_read("config");

	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, mount, len) && line[len] == ' ')
			return line;
	return NULL;
}

unsigned int fse_watches(void)
{
	const char *s = fse_read("config");
	unsigned int n = 0;

	while ((s = strchr(s, '\n'))) {
		n++;
		s++;
	}
	return n;
}

const char *fse_last_error(void)
{
	char *log = fse_read("error_log"), *last = log;

	/* Only the first line of an entry is not indented. */
	for (; *log; log = strchrnul(log + 1, '\n'))
		if (log[0] == '\n' && log[1] == '[')
			last = log + 1;
	return last;
}

const char *fse_last_rest(void)
{
	char *text = strchr(fse_last_error(), '\n'), *caret, *end;

	caret = text ? strchr(++text, '\n') : NULL;
	if (!caret)
		return "";
	*caret++ = '\0';
	end = strchr(caret, '^');
	if (!end || (size_t)(end - caret) > strlen(text))
		return "";
	return text + (end - caret);
}

const char *fse_last_word(void)
{
	char *word = (char *)fse_last_rest();

	word[strcspn(word, " ;")] = '\0';
	return word;
}

__u64 fse_stat(const char *key)
{
	size_t len = strlen(key);
	char *line = fse_read("stats");

	for (line = strtok(line, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, key, len) && line[len] == ' ')
			return strtoull(line + len, NULL, 10);
	return ULLONG_MAX;
}

bool fse_at_rest(void)
{
	/* "notified" is read last: events in between make the sums differ. */
	__u64 done = fse_stat("sent") + fse_stat("coalesced") +
		     fse_stat("no_listener") + fse_stat("send_failed");

	return fse_stat("notified") == done;
}

static bool at_rest(void *arg)
{
	(void)arg;
	return fse_at_rest();
}

bool fse_rest(void)
{
	return fse_until(at_rest, NULL);
}

static bool notified(void *arg)
{
	return fse_stat("notified") >= *(__u64 *)arg;
}

bool fse_rest_at(__u64 nr)
{
	return fse_until(notified, &nr) && fse_rest();
}

/*
 * The next sample to be counted may have started before, and the last may not
 * be processed yet.
 */
#define SAMPLES_ENOUGH	3

struct sampling {
	const char *request;
	__u64 until;
};

static bool sampled(void *arg)
{
	const struct sampling *s = arg;

	if (fse_stat("samples") >= s->until)
		return fse_at_rest();
	fse_config_raw(s->request, strlen(s->request));
	return false;
}

bool fse_sampled(const char *fmt, ...)
{
	struct sampling s = { .until = fse_stat("samples") + SAMPLES_ENOUGH };
	va_list ap;
	char *text;
	bool done;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return false;
	s.request = text;
	done = fse_until(sampled, &s);
	free(text);
	return done;
}

int fse_sh(const char *fmt, ...)
{
	va_list ap;
	char *cmd;
	int status;

	va_start(ap, fmt);
	if (vasprintf(&cmd, fmt, ap) < 0)
		cmd = NULL;
	va_end(ap);
	if (!cmd)
		return -1;
	status = system(cmd);
	free(cmd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
