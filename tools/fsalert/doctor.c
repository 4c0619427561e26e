// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command that says what is missing, and how to mend it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <json-c/json.h>

#include "commands.h"
#include "lines.h"
#include "show.h"
#include "table.h"

#define INSTANCE	"/sys/fs/events"
#define FSTRACE_MAGIC	0x66737465
#define SIG_ENFORCE	"/sys/module/module/parameters/sig_enforce"
#define LOCKDOWN	"/sys/kernel/security/lockdown"
#define DEBIAN		"/etc/debian_version"
#define DEBIAN_BIN	"/usr/bin/"
#define DKMS_KEY	"/var/lib/dkms/mok.pub"

/**
 * struct checkup - a run of the command
 * @options: the command line
 * @table: what is shown, unless that is JSON
 * @missing: how much is missing
 */
struct checkup {
	const struct options *options;
	struct table *table;
	unsigned int missing;
};

/* @mend: the command that mends it; NULL: nothing is to be mended */
static void say(struct checkup *c, const char *part, bool good,
		const char *mend, const char *format, ...)
{
	struct json_object *json;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	c->missing += !good;
	if (!c->options->json) {
		table_add(c->table, part, good ? "ok" : "missing", text,
			  mend ?: "");
		return;
	}
	json = json_new("check");
	json_add_text(json, "part", part);
	json_add_flag(json, "ok", good);
	json_add_text(json, "text", text);
	json_add_text(json, "mend", mend);
	json_write(stdout, json);
}

/* Is the module there for the running kernel? */
static bool is_installed(const char *release)
{
	char path[256];

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	return lines_have(path, "/fs_events.ko", false);
}

/* Can the module be built for that kernel? DKMS and make have the same limits. */
static bool is_supported(const char *release)
{
	unsigned int major, minor;

	return sscanf(release, "%u.%u", &major, &minor) == 2 &&
	       (major == 7 || (major == 6 && minor == 12));
}

/* Is this program from a package of Debian? `make install` has another folder. */
static bool is_packaged(void)
{
	char path[sizeof(DEBIAN_BIN)] = "";

	return readlink("/proc/self/exe", path, sizeof(path) - 1) > 0 &&
	       !strcmp(path, DEBIAN_BIN) && !access(DEBIAN, F_OK);
}

/* Does the first line of that file have this text? */
static bool file_has(const char *path, const char *text)
{
	char line[128] = "";
	FILE *file = fopen(path, "re");
	bool found;

	if (!file)
		return false;
	found = fgets(line, sizeof(line), file) && strstr(line, text);
	fclose(file);
	return found;
}

/* With Secure Boot kernels are locked down, and refuse all other modules. */
static bool is_signature_needed(void)
{
	return file_has(SIG_ENFORCE, "Y") || file_has(LOCKDOWN, "[integrity]") ||
	       file_has(LOCKDOWN, "[confidentiality]");
}

static void say_not_loaded(struct checkup *c, const char *release)
{
	if (!is_signature_needed())
		say(c, "kernel", false, "modprobe fs_events",
		    "Linux %s, the module fs_events is not loaded", release);
	else
		say(c, "kernel", false,
		    access(DKMS_KEY, F_OK) ? "modprobe fs_events" :
		    "mokutil --import " DKMS_KEY,
		    "Linux %s, the module fs_events is not loaded; this kernel takes only modules that are signed with a key it knows (Secure Boot)",
		    release);
}

static void say_not_installed(struct checkup *c, const char *release)
{
	char mend[256];

	if (is_packaged())
		snprintf(mend, sizeof(mend),
			 "apt-get install fs-events-dkms linux-headers-%s",
			 release);
	else
		snprintf(mend, sizeof(mend), "make install KVER=%s", release);
	say(c, "kernel", false, mend,
	    "Linux %s, the module fs_events is not installed for it", release);
}

/* Debian 12 has a newer kernel than its own. Return: @mend, or NULL: none is known. */
static const char *newer_kernel(char *mend, size_t size)
{
	static const struct {
		const char *machine;
		const char *suffix;
	} names[] = {
		{ "x86_64", "amd64" }, { "aarch64", "arm64" },
	};
	struct utsname name;
	size_t i;

	if (!file_has(DEBIAN, "12.") || uname(&name))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name.machine, names[i].machine))
			continue;
		snprintf(mend, size,
			 "apt-get install linux-image-6.12-%s linux-headers-6.12-%s",
			 names[i].suffix, names[i].suffix);
		return mend;
	}
	return NULL;
}

static void check_module(struct checkup *c)
{
	struct utsname name;
	char mend[256];

	uname(&name);
	if (kernel_knows()) {
		say(c, "kernel", true, NULL, "Linux %s, with file system events",
		    name.release);
	} else if (is_installed(name.release)) {
		say_not_loaded(c, name.release);
	} else if (!is_supported(name.release)) {
		say(c, "kernel", false, newer_kernel(mend, sizeof(mend)),
		    "Linux %s; the module fs_events is for Linux 6.12 and 7",
		    name.release);
	} else {
		say_not_installed(c, name.release);
	}
}

/* Return: is it there? */
static bool check_mount(struct checkup *c)
{
	struct statfs st;

	if (!statfs(INSTANCE, &st) && (unsigned int)st.f_type == FSTRACE_MAGIC) {
		say(c, "mount", true, NULL, "fstrace is mounted at %s",
		    INSTANCE);
		return true;
	}
	if (access(INSTANCE, F_OK) && errno == EACCES)
		say(c, "mount", false, "chmod a+x /sys/fs",
		    "%s: %s", INSTANCE, strerror(EACCES));
	else
		say(c, "mount", false, "mount -t fstrace none " INSTANCE,
		    "fstrace is not mounted at %s", INSTANCE);
	return false;
}

/* May this user have watches? A read-only mount and permissions are different. */
static void check_watch(struct checkup *c)
{
	int fd = open(INSTANCE "/watch", O_RDWR | O_CLOEXEC);
	int error = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	switch (error) {
	case 0:
		say(c, "watch", true, NULL,
		    "this user may watch levels of file systems");
		break;
	case EROFS:
		say(c, "watch", false, "mount -o remount,rw " INSTANCE,
		    "fstrace is mounted read-only");
		break;
	case EACCES:
		say(c, "watch", false, "chmod 0666 " INSTANCE "/watch",
		    "this user may not open %s/watch", INSTANCE);
		break;
	case EMFILE:
		say(c, "watch", false, NULL,
		    "this user has too many open files, or 128 of this kind");
		break;
	default:
		say(c, "watch", false, NULL, "%s/watch: %s", INSTANCE,
		    strerror(error));
	}
}

static void check_rights(struct checkup *c)
{
	struct fsalert *h = NULL;
	int error = fsalert_open_all(&h, NULL, 0);

	fsalert_unref(h);
	if (!error)
		say(c, "global", true, NULL,
		    "this user may listen to all watches, and change them");
	else if (error == -EPERM)
		say(c, "global", true, NULL,
		    "only root (CAP_SYS_ADMIN) may listen to all watches, and change them");
	else
		say(c, "global", false, NULL, "generic netlink: %s",
		    strerror(-error));
}

/* It started, and ended before it said anything. */
static void say_helper_ends(struct checkup *c)
{
	unsigned int major, minor;
	struct utsname name;

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	    (major < 5 || (major == 5 && minor < 8)))
		say(c, "helper", false, NULL,
		    "Linux %s; fsalert-poll needs Linux 5.8", name.release);
	else
		say(c, "helper", false, NULL,
		    "fsalert-poll starts, and ends at once");
}

static void check_helper(struct checkup *c)
{
	struct fsalert *h = NULL;
	int error = fsalert_open(&h, FSALERT_POLL);

	if (error == -EACCES || error == -ENOENT)
		say(c, "helper", false, is_packaged() ?
		    "apt-get install --reinstall fsalert-poll" : "make install",
		    "fsalert-poll can't be run: %s", strerror(-error));
	else if (error == -EPIPE)
		say_helper_ends(c);
	else if (error)
		say(c, "helper", false, NULL, "fsalert-poll: %s",
		    strerror(-error));
	else if (fsalert_cannot(h))
		say(c, "helper", true, NULL, "fsalert-poll works, with limits: %s",
		    fsalert_cannot(h));
	else
		say(c, "helper", true, NULL, "fsalert-poll works");
	fsalert_unref(h);
}

/**
 * command_doctor - say what is missing, and how to mend it
 * @options: the command line
 */
int command_doctor(const struct options *options)
{
	struct checkup c = { .options = options };
	struct fsalert *h = NULL;
	int error;

	c.table = table_new(options->noheadings, "PART", "STATE", "WHAT",
			    "MEND", NULL);
	check_module(&c);
	if (kernel_knows()) {
		if (check_mount(&c))
			check_watch(&c);
		check_rights(&c);
	}
	check_helper(&c);
	if (!options->json)
		table_print(c.table);
	table_free(c.table);
	error = fsalert_open(&h, FSALERT_ANY);
	fsalert_unref(h);
	if (error)
		return STATUS_MISSING;
	return c.missing ? STATUS_FAILED : STATUS_DONE;
}
