#include "feeds/signature_engine.h"

#include <errno.h>
#include <gpgme.h>
#include <limits.h>
#include <sys/stat.h>

#include "feeds/signature.h"

int
signature_start(struct fault *f)
{
	/* Without it, gpgme runs gpgconf and gpgsm, six processes. */
	if (gpgme_set_global_flag("disable-gpgconf", "1") != 0 ||
	    gpgme_check_version("1.18.0") == NULL)
		return fault_set(f, FAULT_SYSTEM,
		    "the GPGME library is older than 1.18");
	return 0;
}

static int
variable_set(const char *name, const char *value, struct signature_variable *v,
    struct fault *f)
{
	const char *now = getenv(name);

	if (now != NULL && (v->before = strdup(now)) == NULL)
		return fault_memory(f);
	if (setenv(name, value, 1) == -1)
		return fault_memory(f);
	v->changed = true;
	return 0;
}

static void
variable_restore(const char *name, struct signature_variable *v)
{
	if (v->changed && v->before != NULL)
		(void)setenv(name, v->before, 1);
	else if (v->changed)
		(void)unsetenv(name);
	free(v->before);
	*v = (struct signature_variable){ false, NULL };
}

static int
find_home(const char *home, char out[PATH_MAX], struct fault *f)
{
	struct stat st;

	if (realpath(home, out) == NULL || stat(out, &st) == -1)
		return fault_system(f, errno, "OpenPGP home '%s'", home);
	if (!S_ISDIR(st.st_mode))
		return fault_system(f, ENOTDIR, "OpenPGP home '%s'", home);
	return 0;
}

int
signature_engine_open(struct signature_engine *e, const char *home,
    enum signature_engine_use use, struct fault *f)
{
	char path[PATH_MAX];
	gpgme_error_t error;

	if (find_home(home, path, f) == -1 ||
	    variable_set("GNUPGHOME", path, &e->home, f) == -1)
		return -1;
	if (use == ENGINE_QUIET &&
	    variable_set("LC_ALL", "C", &e->locale, f) == -1)
		return -1;
	/* Without it, GPGME finds no signatures rather than no gpg. */
	if (gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP) != 0)
		return fault_set(f, FAULT_SYSTEM,
		    "GnuPG (gpg) is not installed, or not in PATH, "
		    "or does not run");
	error = gpgme_new(&e->context);
	if (error == 0)
		error = gpgme_set_protocol(e->context, GPGME_PROTOCOL_OpenPGP);
	if (error == 0 && (use == ENGINE_QUIET || !isatty(STDIN_FILENO)))
		error = gpgme_set_pinentry_mode(e->context,
		    GPGME_PINENTRY_MODE_ERROR);
	if (error != 0)
		return signature_engine_fault(f, error, "cannot start GnuPG");
	gpgme_set_offline(e->context, 1);
	return 0;
}

void
signature_engine_close(struct signature_engine *e)
{
	if (e->context != NULL)
		gpgme_release(e->context);
	e->context = NULL;
	variable_restore("LC_ALL", &e->locale);
	variable_restore("GNUPGHOME", &e->home);
}

int
signature_engine_fault(struct fault *f, unsigned error, const char *what)
{
	char text[128] = "";

	if (gpgme_err_code(error) == GPG_ERR_ENOMEM)
		return fault_memory(f);
	(void)gpgme_strerror_r(error, text, sizeof(text));
	return fault_set(f, FAULT_SYSTEM, "%s: GnuPG says '%s'", what, text);
}

int
signature_engine_bytes(const void *bytes, size_t n, struct gpgme_data **out,
    struct fault *f)
{
	gpgme_error_t error = gpgme_data_new_from_mem(out, bytes, n, 0);

	return error == 0 ? 0 : signature_engine_fault(f, error, "cannot read");
}

int
signature_engine_file(int fd, struct gpgme_data **out, struct fault *f)
{
	gpgme_error_t error;

	if (lseek(fd, 0, SEEK_SET) == -1)
		return fault_system(f, errno, "cannot read what is signed");
	error = gpgme_data_new_from_fd(out, fd);
	return error == 0 ? 0 : signature_engine_fault(f, error, "cannot read");
}

int
signature_engine_empty(struct gpgme_data **out, struct fault *f)
{
	gpgme_error_t error = gpgme_data_new(out);

	return error == 0 ? 0 :
			    signature_engine_fault(f, error, "cannot write");
}

int
signature_engine_take(struct gpgme_data *data, struct buf *out, struct fault *f)
{
	char bytes[4096];
	ssize_t n;

	if (gpgme_data_seek(data, 0, SEEK_SET) == -1)
		return fault_system(f, errno, "cannot read GnuPG's output");
	while ((n = gpgme_data_read(data, bytes, sizeof(bytes))) > 0)
		if (buf_add(out, bytes, (size_t)n, f) == -1)
			return -1;
	if (n == -1)
		return fault_system(f, errno, "cannot read GnuPG's output");
	return 0;
}

void
signature_engine_data_free(struct gpgme_data **data)
{
	if (*data != NULL)
		gpgme_data_release(*data);
	*data = NULL;
}
