// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of watch requests: text in, requests out.
 *
 *	write    := request { (';' | newline) request }
 *	request  := MOUNT spec { spec }
 *		  | '!' MOUNT { 'G' | 'T' | 'I' }
 *		  | '!' '#' ID
 *	spec     := 'G' [ ':' name { ',' name } ]
 *		  | ( 'T' | 'I' ) level { level }
 *	level    := amount [ ':' amount ]
 *	amount   := digits [ 'K' | 'M' | 'G' | 'T' | '%' ]
 *
 * Blanks (space and tab) part words; each word is looked at once, from left
 * to right, and the first fault ends the parse. A word that starts with a
 * digit is a level of the type before it, any other word is a type: so
 * "T 10 G" is a level and a type, and "T 10G" a level in bytes.
 *
 * Every fault carries the piece of text that it is about. A piece always lies
 * inside the write, so whoever shows it need not check.
 *
 * Pure functions over the caller's memory: no lock, no allocation, no look-up;
 * any context will do. A struct fse_request is too big for a kernel stack and
 * always comes from the caller.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "escape.h"
#include "grammar.h"

/* The letters of the types; the position is the number of the bit. */
static const char type_letters[FSE_TYPE_NR] = { 'G', 'T', 'I' };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_separator(char c)
{
	return c == ';' || c == '\n';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int fse_error_set(struct fse_error *error, int err, struct fse_span word,
		  const char *why)
{
	error->err = err;
	error->word = word;
	error->why = why;
	return err;
}

static int fault(struct fse_error *error, int err, size_t off, size_t len,
		 const char *why)
{
	const struct fse_span word = { .off = off, .len = len };

	return fse_error_set(error, err, word, why);
}

static int fault_word(struct fse_error *error, int err,
		      const struct fse_span *word, const char *why)
{
	return fse_error_set(error, err, *word, why);
}

bool fse_text_blank(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!is_blank(text[i]) && text[i] != '\n')
			return false;
	}
	return true;
}

static void skip_blanks(struct fse_parser *p)
{
	while (p->pos < p->len && is_blank(p->text[p->pos]))
		p->pos++;
}

/* 1: a word; 0: the end of the request, p->pos is there; or an errno. */
static int next_word(struct fse_parser *p, struct fse_span *word,
		     struct fse_error *error)
{
	size_t start;

	skip_blanks(p);
	start = p->pos;
	for (; p->pos < p->len; p->pos++) {
		char c = p->text[p->pos];

		if (is_blank(c) || is_separator(c))
			break;
		if (!c)
			return fault(error, -EINVAL, p->pos, 1,
				     "NUL byte in a request");
	}
	word->off = start;
	word->len = p->pos - start;
	return word->len != 0;
}

/*
 * The byte that the escape at @s stands for; -EINVAL: it is none of ours. What
 * escape.c shows as an escape can be written as one, and nothing else.
 */
static int unescape(const char *s, size_t len)
{
	unsigned int i, value = 0;

	if (len < 4)
		return -EINVAL;
	for (i = 1; i < 4; i++) {
		if (s[i] < '0' || s[i] > '7')
			return -EINVAL;
		value = value * 8 + (s[i] - '0');
	}
	if (!value || value > 0xff)
		return -EINVAL;
	if (value > ' ' && value < 0x7f &&
	    !strchr(FSE_ESCAPE_VALUE FSE_ESCAPE_CONFIG, value))
		return -EINVAL;
	return value;
}

static int parse_path(const char *text, const struct fse_span *word,
		      struct fse_request *req, struct fse_error *error)
{
	const char *s = text + word->off;
	size_t i = 0, n = 0;

	if (s[0] != '/')
		return fault_word(error, -EINVAL, word,
				  "expected a path that starts with /");
	while (i < word->len) {
		size_t left = word->len - i;
		int c = s[i];

		if (n == sizeof(req->path) - 1)
			return fault_word(error, -ENAMETOOLONG, word,
					  "path too long");
		if (c == '\\') {
			c = unescape(s + i, left);
			if (c < 0)
				return fault(error, -EINVAL, word->off + i,
					     min_t(size_t, left, 4),
					     "unknown escape, expected \\040, \\011, \\012, \\134 or \\073");
			i += 3;
		}
		i++;
		req->path[n++] = c;
	}
	req->path[n] = '\0';
	req->mount = *word;
	return 0;
}

/* The list of names in the word "G:name,name". */
static int parse_names(const char *text, const struct fse_span *word,
		       struct fse_request *req, struct fse_error *error)
{
	size_t end = word->off + word->len;
	size_t start = word->off + 2;

	for (;;) {
		const char *comma = memchr(text + start, ',', end - start);
		size_t len = end - start;
		u32 bit;

		if (comma)
			len = comma - (text + start);
		if (!len)
			return fault(error, -EINVAL, start - 1, 1,
				     "expected the name of an event after this");
		bit = fse_name_bit(text + start, len);
		if (!bit)
			return fault(error, -EINVAL, start, len,
				     "unknown generic event");
		req->events |= bit;
		if (!comma)
			return 0;
		start += len + 1;
	}
}

/* The number of bits that a suffix of bytes shifts by; 0: it is none. */
static unsigned int suffix_shift(char suffix)
{
	switch (suffix) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	case 'T':
		return 40;
	}
	return 0;
}

/* false: more than 64 bits */
static bool parse_digits(const char *s, size_t len, u64 *value)
{
	u64 v = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned int digit = s[i] - '0';

		if (v > U64_MAX / 10 || v * 10 > U64_MAX - digit)
			return false;
		v = v * 10 + digit;
	}
	*value = v;
	return true;
}

int fse_amount_check(const struct fse_amount *a, bool inodes, const char **why)
{
	unsigned int shift = suffix_shift(a->suffix);

	if (inodes && shift) {
		*why = "expected a number of inodes or a percentage";
		return -EINVAL;
	}
	if (a->value > U64_MAX >> shift) {
		*why = "too many bytes";
		return -ERANGE;
	}
	if (a->suffix == '%' && a->value > 100) {
		*why = "more than 100 percent";
		return -ERANGE;
	}
	return 0;
}

static int parse_amount(const char *text, const struct fse_span *at,
			bool inodes, struct fse_amount *a,
			struct fse_error *error)
{
	const char *s = text + at->off;
	const char *why;
	size_t n = 0;
	int ret;

	while (n < at->len && is_digit(s[n]))
		n++;
	a->suffix = n < at->len ? s[n] : 0;

	if (inodes) {
		if (!n || at->len - n > 1 || (a->suffix && a->suffix != '%'))
			return fault_word(error, -EINVAL, at,
					  "expected a number of inodes or a percentage");
	} else if (!n || at->len - n > 1 ||
		   (a->suffix && !suffix_shift(a->suffix) &&
		    a->suffix != '%')) {
		return fault_word(error, -EINVAL, at,
				  "expected a number, and K, M, G, T, % or nothing after it");
	}

	if (!parse_digits(s, n, &a->value))
		return fault_word(error, -ERANGE, at, "number too large");
	ret = fse_amount_check(a, inodes, &why);
	return ret ? fault_word(error, ret, at, why) : 0;
}

static int parse_level(const char *text, const struct fse_span *word,
		       bool inodes, struct fse_level_spec *level,
		       struct fse_error *error)
{
	const char *colon = memchr(text + word->off, ':', word->len);
	struct fse_span trigger = *word;
	struct fse_span rearm;
	int ret;

	if (colon)
		trigger.len = colon - (text + word->off);
	ret = parse_amount(text, &trigger, inodes, &level->trigger, error);
	if (ret)
		return ret;

	level->word = *word;
	level->has_rearm = colon;
	if (!colon) {
		level->rearm = level->trigger;
		return 0;
	}
	rearm.off = trigger.off + trigger.len + 1;
	rearm.len = word->len - trigger.len - 1;
	if (!rearm.len)
		return fault(error, -EINVAL, rearm.off - 1, 1,
			     "expected an amount after this");
	return parse_amount(text, &rearm, inodes, &level->rearm, error);
}

/* The number of the type that a word names; -EINVAL: it names none. */
static int type_number(const char *text, const struct fse_span *word)
{
	int i;

	for (i = 0; i < FSE_TYPE_NR; i++) {
		if (text[word->off] != type_letters[i])
			continue;
		if (word->len == 1 ||
		    (type_letters[i] == 'G' && text[word->off + 1] == ':'))
			return i;
	}
	return -EINVAL;
}

/* The levels after the word @type. */
static int parse_levels(struct fse_parser *p, const struct fse_span *type,
			bool inodes, struct fse_level_spec *levels,
			unsigned int *nr, struct fse_error *error)
{
	struct fse_span word;
	int ret;

	for (;;) {
		skip_blanks(p);
		if (p->pos == p->len || !is_digit(p->text[p->pos]))
			break;
		ret = next_word(p, &word, error);
		if (ret < 0)
			return ret;
		if (*nr == FSE_MAX_LEVELS)
			return fault_word(error, -E2BIG, &word,
					  "more than 64 levels");
		ret = parse_level(p->text, &word, inodes, &levels[*nr], error);
		if (ret)
			return ret;
		(*nr)++;
	}
	if (*nr)
		return 0;
	if (p->pos < p->len && !is_separator(p->text[p->pos])) {
		ret = next_word(p, &word, error);
		if (ret < 0)
			return ret;
		if (type_number(p->text, &word) < 0)
			return fault_word(error, -EINVAL, &word,
					  "expected a level");
	}
	return fault_word(error, -EINVAL, type,
			  "expected levels after this type");
}

/* What is wrong with a word that starts with @c and names no type. */
static const char *no_type_why(char c, enum fse_op op)
{
	if (!is_digit(c))
		return "unknown type, expected G, T or I";
	if (op == FSE_OP_SET)
		return "expected T or I before a level";
	return "single levels cannot be removed, expected T or I";
}

static int parse_type(struct fse_parser *p, const struct fse_span *word,
		      struct fse_request *req, struct fse_error *error)
{
	int i = type_number(p->text, word);

	if (i < 0)
		return fault_word(error, -EINVAL, word,
				  no_type_why(p->text[word->off], req->op));
	if (req->types & (1U << i))
		return fault_word(error, -EINVAL, word,
				  "the same type twice");
	req->types |= 1U << i;
	req->type[i] = *word;

	if (req->op != FSE_OP_SET)
		return word->len == 1 ? 0 :
			fault_word(error, -EINVAL, word,
				   "single events cannot be removed, expected G");
	switch (1U << i) {
	case FSE_TYPE_T:
		return parse_levels(p, word, false, req->space,
				    &req->nr_space, error);
	case FSE_TYPE_I:
		return parse_levels(p, word, true, req->inodes,
				    &req->nr_inodes, error);
	}
	if (word->len > 1)
		return parse_names(p->text, word, req, error);
	req->events = FSE_GENERIC_EVENTS;
	return 0;
}

/* The word "#ID", without the "!" before it. */
static int parse_id(const char *text, const struct fse_span *word,
		    struct fse_request *req, struct fse_error *error)
{
	const char *s = text + word->off + 1;
	size_t i, len = word->len - 1;
	u64 id;

	for (i = 0; i < len && is_digit(s[i]); i++)
		;
	if (!len || i < len)
		return fault_word(error, -EINVAL, word,
				  "expected # and the entry id of a watch");
	if (!parse_digits(s, len, &id) || id > U32_MAX)
		return fault_word(error, -ENOENT, word, "no such watch");
	req->by_id = true;
	req->id = id;
	req->path[0] = '\0';
	req->mount = *word;
	return 0;
}

/* What a request starts with: the path, after a "!" or not; or "!#ID". */
static int parse_head(const char *text, struct fse_span *word,
		      struct fse_request *req, struct fse_error *error)
{
	req->op = FSE_OP_SET;
	if (text[word->off] == '!') {
		req->op = FSE_OP_REMOVE;
		if (word->len == 1)
			return fault_word(error, -EINVAL, word,
					  "expected a path right after !");
		word->off++;
		word->len--;
		if (text[word->off] == '#')
			return parse_id(text, word, req, error);
	}
	return parse_path(text, word, req, error);
}

static int parse_request(struct fse_parser *p, struct fse_span *word,
			 struct fse_request *req, struct fse_error *error)
{
	int ret;

	req->by_id = false;
	req->types = 0;
	req->events = 0;
	req->nr_space = 0;
	req->nr_inodes = 0;
	memset(req->type, 0, sizeof(req->type));

	ret = parse_head(p->text, word, req, error);
	if (ret)
		return ret;

	while ((ret = next_word(p, word, error)) > 0) {
		if (req->by_id)
			return fault_word(error, -EINVAL, word,
					  "expected nothing after the id");
		if (req->op == FSE_OP_REMOVE)
			req->op = FSE_OP_REMOVE_TYPES;
		ret = parse_type(p, word, req, error);
		if (ret)
			return ret;
	}
	if (ret < 0)
		return ret;
	if (req->op == FSE_OP_SET && !req->types)
		return fault_word(error, -EINVAL, &req->mount,
				  "expected G, T or I after the path");
	return 1;
}

int fse_parse_next(struct fse_parser *p, struct fse_request *req,
		   struct fse_error *error)
{
	struct fse_span word;
	int ret;

	if (p->len > FSE_MAX_WRITE)
		return fault(error, -E2BIG, FSE_MAX_WRITE, 1,
			     "more than 64 KiB in one write");
	for (;;) {
		ret = next_word(p, &word, error);
		if (ret < 0)
			return ret;
		if (ret)
			break;
		if (p->pos == p->len)
			return 0;
		p->pos++;
	}
	if (p->nr == FSE_MAX_REQUESTS)
		return fault_word(error, -E2BIG, &word,
				  "more than 1024 requests in one write");
	p->nr++;
	return parse_request(p, &word, req, error);
}

/*
 * --- names of events --------------------------------------------------------
 *
 * Pure functions over constants; any context will do.
 */

static const char * const event_names[] = {
	[FS_WARN_ENOSPC]	= "enospc",
	[FS_WARN_ENOSPC_META]	= "enospc_meta",
	[FS_THR_LRBELOW]	= "thr_lrbelow",
	[FS_THR_LRABOVE]	= "thr_lrabove",
	[FS_THR_URBELOW]	= "thr_urbelow",
	[FS_THR_URABOVE]	= "thr_urabove",
	[FS_ERR_REMOUNT_RO]	= "remount_ro",
	[FS_ERR_CORRUPTED]	= "corrupted",
	[FS_THR_BELOW]		= "thr_below",
	[FS_THR_ABOVE]		= "thr_above",
	[FS_INO_BELOW]		= "ino_below",
	[FS_INO_ABOVE]		= "ino_above",
	[FS_INFO_UNMOUNT]	= "unmount",
	[FS_ERR_IO]		= "io_error",
	[FS_ERR_SHUTDOWN]	= "shutdown",
	[FS_INFO_CLEARED]	= "cleared",
};

const char *fse_event_name(unsigned int id)
{
	return id < ARRAY_SIZE(event_names) ? event_names[id] : NULL;
}

u32 fse_name_bit(const char *name, size_t len)
{
	unsigned int id;

	for (id = 0; id < ARRAY_SIZE(event_names); id++) {
		const char *known = event_names[id];

		if ((FSE_GENERIC_EVENTS & (1U << id)) && strlen(known) == len &&
		    !memcmp(known, name, len))
			return 1U << id;
	}
	return 0;
}

/*
 * --- how error_log shows a refused request ---------------------------------
 *
 *	EINVAL: unknown type, expected G, T or I
 *	  /srv G X 10
 *	         ^
 *
 * Of a write that holds many requests only the one at fault is shown, from
 * its start if the word at fault is within reach, and no more than
 * FSE_CARET_WINDOW bytes of it. Text comes from users and goes to a
 * terminal: see escape.c. The caret is put as if each character took one column.
 *
 * Pure function; any context will do.
 */

#define INDENT		"  "
#define LEFT_OUT	"..."

/* At most so much of the word at fault is kept in view. */
#define WORD_IN_VIEW	(FSE_CARET_WINDOW / 2)

struct output {
	char *buf;
	size_t size;
	size_t len;
};

static void put_char(struct output *out, char c)
{
	if (out->len + 1 < out->size)
		out->buf[out->len++] = c;
}

static void put_text(struct output *out, const char *s)
{
	while (*s)
		put_char(out, *s++);
}

/* Shows the character at @text, of @len bytes; how many of these it takes. */
static size_t put_escaped(struct output *out, const char *text, size_t len,
			  size_t *columns)
{
	char shown[FSE_ESCAPE_SIZE];
	size_t i, put, n;

	n = fse_escape_next(shown, &put, text, len, FSE_ESCAPE_REQUEST);
	/* An escape is longer than its byte, other text is as long. */
	*columns += n == put ? 1 : put;
	for (i = 0; i < put; i++)
		put_char(out, shown[i]);
	return n;
}

static void put_errno(struct output *out, int err)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
		{ E2BIG, "E2BIG" },
		{ EACCES, "EACCES" },
		{ EAGAIN, "EAGAIN" },
		{ EBUSY, "EBUSY" },
		{ EDQUOT, "EDQUOT" },
		{ EFAULT, "EFAULT" },
		{ EINTR, "EINTR" },
		{ EINVAL, "EINVAL" },
		{ EIO, "EIO" },
		{ ELOOP, "ELOOP" },
		{ ENAMETOOLONG, "ENAMETOOLONG" },
		{ ENODEV, "ENODEV" },
		{ ENOENT, "ENOENT" },
		{ ENOMEM, "ENOMEM" },
		{ ENOSPC, "ENOSPC" },
		{ ENOTDIR, "ENOTDIR" },
		{ EOPNOTSUPP, "EOPNOTSUPP" },
		{ EOVERFLOW, "EOVERFLOW" },
		{ EPERM, "EPERM" },
		{ ERANGE, "ERANGE" },
		{ ESTALE, "ESTALE" },
	};
	char number[24];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].err == -err) {
			put_text(out, names[i].name);
			return;
		}
	}
	scnprintf(number, sizeof(number), "error %d", err);
	put_text(out, number);
}

/* The request around @off, without the blanks around it. */
static struct fse_span request_at(const char *text, size_t len, size_t off)
{
	size_t start = off, end = off;

	while (start > 0 && !is_separator(text[start - 1]))
		start--;
	while (start < off && is_blank(text[start]))
		start++;
	while (end < len && !is_separator(text[end]))
		end++;
	while (end > off && is_blank(text[end - 1]))
		end--;
	return (struct fse_span){ .off = start, .len = end - start };
}

/* A byte within a character of UTF-8, if it is one. */
static bool is_continuation(char c)
{
	return (c & 0xc0) == 0x80;
}

/* Cuts between characters: none has more than three such bytes. */
static void window_fit(struct fse_span *window, const char *text, size_t end)
{
	unsigned int i;

	for (i = 0; i < 3 && is_continuation(text[window->off]); i++) {
		window->off++;
		window->len--;
	}
	for (i = 0; i < 3 && window->off + window->len < end &&
	     is_continuation(text[window->off + window->len]); i++)
		window->len--;
}

/* The piece of that request to be shown. */
static struct fse_span window_at(const char *text,
				 const struct fse_span *request, size_t off,
				 size_t word_len)
{
	struct fse_span window = *request;
	size_t end = request->off + request->len;
	/* The first character in any case. */
	size_t seen = min(off + clamp_t(size_t, word_len, FSE_ESCAPE_SIZE,
					WORD_IN_VIEW), end);

	if (request->len <= FSE_CARET_WINDOW)
		return window;
	window.len = FSE_CARET_WINDOW;
	if (seen - request->off > FSE_CARET_WINDOW)
		window.off = min(off + WORD_IN_VIEW, end) - FSE_CARET_WINDOW;
	window_fit(&window, text, end);
	return window;
}

size_t fse_caret_format(char *buf, size_t size, const char *text, size_t len,
			const struct fse_error *error)
{
	struct output out = { .buf = buf, .size = size };
	size_t off = min_t(size_t, error->word.off, len);
	size_t i, n, end, column = 0, columns = strlen(INDENT);
	struct fse_span request, window;

	if (!size)
		return 0;
	request = request_at(text, len, off);
	window = window_at(text, &request, off, error->word.len);

	put_errno(&out, error->err);
	put_text(&out, ": ");
	put_text(&out, error->why);
	put_text(&out, "\n");

	put_text(&out, INDENT);
	if (window.off > request.off) {
		put_text(&out, LEFT_OUT);
		columns += strlen(LEFT_OUT);
	}
	end = window.off + window.len;
	for (i = window.off; i < end; i += n) {
		if (i <= off)
			column = columns;
		n = put_escaped(&out, text + i, end - i, &columns);
	}
	if (i <= off)
		column = columns;
	if (end < request.off + request.len)
		put_text(&out, LEFT_OUT);
	put_text(&out, "\n");

	while (column--)
		put_char(&out, ' ');
	put_text(&out, "^\n");
	out.buf[out.len] = '\0';
	return out.len;
}
