/* The inner loops as functions for Python. They take arrays, as anything with a contiguous buffer, and whole numbers, and
 * trust the caller for types and sizes; only those of feedbackclf call them. */

#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include "kernels.h"

#define MAX_ARGUMENTS 24

typedef union {
    void *p;
    int64_t i;
} Argument;

static PyObject *call(int64_t (*kernel)(const Argument *), Py_ssize_t n_wanted, PyObject *const *arguments,
                      Py_ssize_t n) {
    Py_buffer buffers[MAX_ARGUMENTS];
    Argument unpacked[MAX_ARGUMENTS];
    Py_ssize_t i, n_buffers = 0;
    PyObject *result = NULL;
    if (n != n_wanted) return PyErr_Format(PyExc_TypeError, "%zd arguments, not %zd", n_wanted, n);
    for (i = 0; i < n; i++) {
        if (PyLong_Check(arguments[i])) {
            unpacked[i].i = PyLong_AsLongLong(arguments[i]);
            if (unpacked[i].i == -1 && PyErr_Occurred()) break;
        } else {
            if (PyObject_GetBuffer(arguments[i], &buffers[n_buffers], PyBUF_SIMPLE)) break;
            unpacked[i].p = buffers[n_buffers++].buf;
        }
    }
    if (i == n) result = PyLong_FromLongLong(kernel(unpacked));
    while (n_buffers) PyBuffer_Release(&buffers[--n_buffers]);
    return result;
}

#define P(k) a[k].p
#define I(k) a[k].i
#define FUNCTION(name, n, body)                                                           \
    static int64_t run_##name(const Argument *a) { body; }                                \
    static PyObject *py_##name(PyObject *self, PyObject *const *arguments, Py_ssize_t count) { \
        (void)self;                                                                       \
        return call(run_##name, n, arguments, count);                                     \
    }
#define METHOD(name) {#name, (PyCFunction)(void (*)(void))py_##name, METH_FASTCALL, NULL}

FUNCTION(cut_texts, 8, return cut_texts(P(0), P(1), I(2), I(3), P(4), P(5), P(6), P(7)))
FUNCTION(join_codes, 6, return join_codes(P(0), P(1), P(2), P(3), I(4), P(5)))
FUNCTION(are_among, 5, are_among(P(0), I(1), P(2), I(3), P(4)); return 0)
FUNCTION(number_hashes, 10, return number_hashes(P(0), I(1), I(2), P(3), P(4), I(5), I(6), P(7), P(8), P(9)))
FUNCTION(split_lines, 4, return split_lines(P(0), I(1), P(2), P(3)))
FUNCTION(find_tokens, 6, return find_tokens(P(0), P(1), I(2), P(3), P(4), P(5)))
FUNCTION(find_letters, 6, return find_letters(P(0), P(1), I(2), P(3), P(4), P(5)))
FUNCTION(shapes, 18, return shapes(P(0), P(1), I(2), P(3), P(4), P(5), I(6), P(7), I(8), P(9), I(10), P(11), I(12),
                                   I(13), I(14), P(15), P(16), P(17)))
FUNCTION(mark_starts, 9, mark_starts(P(0), P(1), P(2), P(3), I(4), P(5), P(6), P(7), P(8)); return 0)
FUNCTION(fold_words, 12, return fold_words(P(0), P(1), P(2), P(3), P(4), I(5), P(6), P(7), P(8), P(9), P(10), P(11)))
FUNCTION(word_rows, 18, word_rows(P(0), P(1), P(2), P(3), P(4), P(5), I(6), I(7), I(8), I(9), P(10), P(11), P(12),
                                  I(13), P(14), I(15), P(16), P(17)); return 0)
FUNCTION(chunk_rows, 19, chunk_rows(P(0), P(1), P(2), P(3), P(4), I(5), I(6), P(7), P(8), I(9), P(10), P(11), P(12),
                                    I(13), P(14), I(15), P(16), P(17), P(18)); return 0)
FUNCTION(widen_halves, 5, widen_halves(P(0), I(1), I(2), I(3), P(4)); return 0)
FUNCTION(chunk_edges, 9, chunk_edges(P(0), P(1), P(2), P(3), P(4), I(5), P(6), P(7), P(8)); return 0)
FUNCTION(sum_told, 9, return sum_told(P(0), P(1), I(2), I(3), P(4), P(5), I(6), P(7), P(8)))
FUNCTION(find_places, 9, return find_places(P(0), P(1), P(2), I(3), I(4), P(5), P(6), P(7), P(8)))
FUNCTION(score_texts, 19, score_texts(P(0), P(1), I(2), P(3), P(4), P(5), P(6), P(7), I(8), P(9), P(10), P(11), I(12),
                                      P(13), P(14), P(15), P(16), P(17), P(18)); return 0)
FUNCTION(scale_embeddings, 6, scale_embeddings(P(0), I(1), I(2), *(double *)P(3), (double)I(4), P(5)); return 0)
FUNCTION(round_taps, 6, round_taps(P(0), P(1), I(2), I(3), I(4), P(5)); return 0)
FUNCTION(read_phrases, 7, read_phrases(P(0), P(1), I(2), P(3), P(4), I(5), P(6)); return 0)
FUNCTION(share_columns, 16, share_columns(P(0), P(1), I(2), P(3), P(4), P(5), P(6), P(7), P(8), P(9), I(10), P(11), I(12),
                                          P(13), P(14), P(15)); return 0)
FUNCTION(share_phrases, 11, share_phrases(P(0), P(1), I(2), P(3), P(4), I(5), P(6), I(7), P(8), P(9), P(10)); return 0)
FUNCTION(best_runs, 9, best_runs(P(0), P(1), I(2), P(3), I(4), I(5), P(6), P(7), P(8)); return 0)
FUNCTION(language_exponents, 7, language_exponents(P(0), I(1), I(2), P(3), P(4), P(5), P(6)); return 0)
FUNCTION(choose_language, 8, choose_language(P(0), I(1), I(2), P(3), I(4), P(5), P(6), P(7)); return 0)
FUNCTION(head_exponents, 5, head_exponents(P(0), I(1), P(2), I(3), P(4)); return 0)
FUNCTION(decide, 9, decide(P(0), I(1), P(2), P(3), P(4), P(5), I(6), P(7), P(8)); return 0)
FUNCTION(last_row_end, 3, return last_row_end(P(0), I(1), I(2)))
FUNCTION(lines_size, 3, return lines_size(P(0), I(1), I(2)))
FUNCTION(join_cells, 5, return join_cells(P(0), I(1), I(2), I(3), P(4)))

static PyMethodDef methods[] = {
    METHOD(cut_texts),
    METHOD(join_codes),
    METHOD(are_among),
    METHOD(number_hashes),
    METHOD(split_lines),
    METHOD(find_tokens),
    METHOD(find_letters),
    METHOD(shapes),
    METHOD(mark_starts),
    METHOD(fold_words),
    METHOD(word_rows),
    METHOD(chunk_rows),
    METHOD(widen_halves),
    METHOD(chunk_edges),
    METHOD(sum_told),
    METHOD(find_places),
    METHOD(score_texts),
    METHOD(scale_embeddings),
    METHOD(round_taps),
    METHOD(read_phrases),
    METHOD(share_columns),
    METHOD(share_phrases),
    METHOD(best_runs),
    METHOD(language_exponents),
    METHOD(choose_language),
    METHOD(head_exponents),
    METHOD(decide),
    METHOD(last_row_end),
    METHOD(lines_size),
    METHOD(join_cells),
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_compiled", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__compiled(void) { return PyModule_Create(&module); }
