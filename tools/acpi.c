// SPDX-License-Identifier: GPL-2.0
/*
 * iommu-lab-acpi: shows and checks the ACPI tables that describe IOMMUs, with the code
 * of iommu_lab/firmware/. Works on a file, without the module.
 */
#define _GNU_SOURCE
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../iommu_lab/firmware/acpi_table.h"
#include "../iommu_lab/firmware/dmar.h"
#include "acpi.h"

#define FILE_MAX	((size_t)LAB_DMAR_MAX_LENGTH + 1)

const char *argp_program_version = "iommu-lab-acpi (iommu_lab)";

static const char doc[] =
	"Shows and checks ACPI tables that describe IOMMUs: DMAR (Intel), IVRS (AMD), "
	"IORT (Arm), VIOT (virtio), RIMT (RISC-V). The table is recognised by its "
	"signature. FILE is the table as firmware has it, for example "
	"/sys/firmware/acpi/tables/DMAR; `-' is the standard input.\n"
	"\vCommands:\n"
	"  decode   each structure and each field with its offset, then the findings\n"
	"  lint     the findings only, one a line: SEVERITY [OFFSET] CHECK: SENTENCE\n"
	"  json     all of it as one JSON object\n"
	"  build    makes a DMAR from the text in FILE, in the form below\n\n"
	"Exit status:\n"
	"  0  all well, or no more than warnings\n"
	"  1  there is a finding of the severity `error'\n"
	"  2  the file cannot be read, is none of these tables, or the usage is wrong\n\n"
	"Documentation/dmar-checks.rst and acpi-checks.rst explain each check.\n\n";

static char *help_filter(int key, const char *text, void *input)
{
	char *whole;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	if (asprintf(&whole, "%s%s", text, build_grammar) < 0)
		return (char *)text;
	return whole;
}

/**
 * struct arguments - the command line
 * @command: what to do
 * @name: the file's name
 * @output: where `build` writes, NULL for the standard output
 */
struct arguments {
	const char *command;
	const char *name;
	const char *output;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "build: write there, not to the standard output", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'o':
		arguments->output = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0)
			arguments->command = arg;
		else if (state->arg_num == 1)
			arguments->name = arg;
		else
			argp_error(state, "one file at a time");
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "a command and a file are needed");
		if (arguments->output && strcmp(arguments->command, "build"))
			argp_error(state, "-o is for build");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "decode FILE\nlint FILE\njson FILE\nbuild FILE [-o FILE]",
	.doc = doc,
	.help_filter = help_filter,
};

/* Return: whether it was read; a message was printed if not. */
static bool read_file(const char *name, struct file *file)
{
	FILE *stream = strcmp(name, "-") ? fopen(name, "rb") : stdin;

	file->name = name;
	file->bytes = malloc(FILE_MAX + 1);
	if (!stream || !file->bytes) {
		fprintf(stderr, "iommu-lab-acpi: %s: %s\n", name, strerror(errno));
		return false;
	}
	file->length = fread(file->bytes, 1, FILE_MAX, stream);
	file->bytes[file->length] = '\0';
	if (ferror(stream)) {
		fprintf(stderr, "iommu-lab-acpi: %s: %s\n", name, strerror(errno));
		return false;
	}
	if (stream != stdin)
		fclose(stream);
	return true;
}

static void print_line(void *ctx, const char *line)
{
	(void)ctx;
	puts(line);
}

static void print_text(void *ctx, const char *text, size_t length)
{
	(void)ctx;
	fwrite(text, 1, length, stdout);
}

static void print_findings(const struct lab_findings *findings)
{
	const struct lab_finding *finding;
	unsigned int i;

	for (i = 0; i < findings->nr; i++) {
		finding = &findings->list[i];
		printf("%s [0x%04x] %s: %s\n", lab_severity_name(finding->severity),
		       finding->offset, finding->check, finding->text);
	}
}

static enum status no_memory(void)
{
	fprintf(stderr, "iommu-lab-acpi: no memory\n");
	return STATUS_UNUSABLE;
}

static void print_json(const struct lab_dmar *dmar)
{
	lab_dmar_json(dmar, print_text, NULL);
	puts("");
}

static enum status do_dmar(const char *command, const struct file *file)
{
	struct lab_dmar *dmar;
	int result;

	result = lab_dmar_parse(file->bytes, file->length, &dmar);
	if (!dmar)
		return no_memory();
	if (!strcmp(command, "decode"))
		lab_dmar_print(dmar, print_line, NULL);
	else if (!strcmp(command, "json"))
		print_json(dmar);
	else
		print_findings(&dmar->findings);
	lab_dmar_free(dmar);
	return result ? STATUS_FINDINGS : STATUS_OK;
}

static int lint(const struct lab_acpi_format *format, const struct file *file)
{
	struct lab_findings findings;
	int result;

	if (lab_findings_init(&findings))
		return -ENOMEM;
	result = lab_acpi_read(format, file->bytes, file->length, NULL, &findings);
	print_findings(&findings);
	lab_findings_free(&findings);
	return result;
}

static enum status do_table(const char *command, const struct file *file)
{
	const struct lab_acpi_format *format = lab_acpi_format_of(file->bytes, file->length);
	struct lab_json json = { .emit = print_text };
	int result;

	if (!format) {
		fprintf(stderr,
			"iommu-lab-acpi: %s: not a DMAR, IVRS, IORT, VIOT or RIMT: a table begins with that name\n",
			file->name);
		return STATUS_UNUSABLE;
	}
	if (!strcmp(command, "json")) {
		result = lab_acpi_json(format, file->bytes, file->length, &json);
		puts("");
	} else if (!strcmp(command, "decode")) {
		result = lab_acpi_print(format, file->bytes, file->length, print_line, NULL);
	} else {
		result = lint(format, file);
	}
	if (result == -ENOMEM)
		return no_memory();
	return result ? STATUS_FINDINGS : STATUS_OK;
}

static enum status do_build(const struct arguments *arguments, const struct file *file)
{
	size_t length;
	unsigned char *table = build(file, &length);
	FILE *out;
	bool wrong;

	if (!table)
		return STATUS_UNUSABLE;
	out = arguments->output ? fopen(arguments->output, "wb") : stdout;
	wrong = !out || fwrite(table, 1, length, out) != length || fflush(out);
	lab_dmar_table_free(table);
	if (wrong)
		fprintf(stderr, "iommu-lab-acpi: %s: %s\n",
			arguments->output ? arguments->output : "standard output",
			strerror(errno));
	if (out && out != stdout)
		fclose(out);
	return wrong ? STATUS_UNUSABLE : STATUS_OK;
}

static bool is_command(const char *command)
{
	static const char * const commands[] = { "decode", "lint", "json", "build" };
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(command, commands[i]))
			return true;
	}
	fprintf(stderr, "iommu-lab-acpi: `%s' is not a command: decode, lint, json and build are\n",
		command);
	return false;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	enum status status = STATUS_UNUSABLE;
	struct file file = { 0 };

	argp_err_exit_status = STATUS_UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &arguments))
		return STATUS_UNUSABLE;
	if (!is_command(arguments.command) || !read_file(arguments.name, &file))
		goto out;
	if (!strcmp(arguments.command, "build"))
		status = do_build(&arguments, &file);
	else if (file.length >= 4 && !memcmp(file.bytes, "DMAR", 4))
		status = do_dmar(arguments.command, &file);
	else
		status = do_table(arguments.command, &file);
	if (fflush(stdout)) {
		fprintf(stderr, "iommu-lab-acpi: standard output: %s\n", strerror(errno));
		status = STATUS_UNUSABLE;
	}
out:
	free(file.bytes);
	return status;
}
