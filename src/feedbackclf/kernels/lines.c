/* Lines of CSV: where they end, and columns of text made into them; see feedbackclf.tables. */

#include "kernels.h"

/* cells.CellColumn, as four numbers: addresses, and whether its cells may need quotes. */
typedef struct {
    const int64_t *offsets; /* of texts in `data` */
    const uint8_t *data;
    const int32_t *indices; /* the text of each row; NULL where row i has text i */
    int64_t quoted;
} Column;

static inline int needs_quotes(const uint8_t *text, int64_t n, uint8_t delimiter) {
    for (int64_t i = 0; i < n; i++)
        if (text[i] == '"' || text[i] == '\n' || text[i] == '\r' || text[i] == delimiter) return 1;
    return 0;
}

static inline uint8_t *put_quoted(uint8_t *at, const uint8_t *text, int64_t n) {
    *at++ = '"';
    for (int64_t i = 0; i < n; i++) {
        if (text[i] == '"') *at++ = '"';
        *at++ = text[i];
    }
    *at++ = '"';
    return at;
}

static inline int64_t text_of(const Column *column, int64_t row) { return column->indices ? column->indices[row] : row; }

/* How many bytes the lines have at most. */
int64_t lines_size(const int64_t *columns, int64_t n_columns, int64_t n_rows) {
    int64_t size = 0;
    for (int64_t c = 0; c < n_columns; c++) {
        const Column *column = (const Column *)columns + c;
        for (int64_t row = 0; row < n_rows; row++) {
            int64_t text = text_of(column, row), n = column->offsets[text + 1] - column->offsets[text];
            size += column->quoted ? 2 * n + 3 : n + 1;
        }
    }
    return size;
}

/* cells.csv_lines: write the lines, and say how many bytes they have. */
int64_t join_cells(const int64_t *columns, int64_t n_columns, int64_t n_rows, int64_t delimiter, uint8_t *lines) {
    uint8_t *at = lines;
    for (int64_t row = 0; row < n_rows; row++) {
        for (int64_t c = 0; c < n_columns; c++) {
            const Column *column = (const Column *)columns + c;
            int64_t number = text_of(column, row), n = column->offsets[number + 1] - column->offsets[number];
            const uint8_t *text = column->data + column->offsets[number];
            if (column->quoted && needs_quotes(text, n, (uint8_t)delimiter)) {
                at = put_quoted(at, text, n);
            } else {
                if (n) memcpy(at, text, (size_t)n);
                at += n;
            }
            *at++ = c + 1 < n_columns ? (uint8_t)delimiter : '\n';
        }
    }
    return at - lines;
}

/* delimited._last_row_end: behind the last line end that is not in a quoted cell, 0 if there is none; less than 0 by one
 * more than that if the bytes end in a quoted cell. */
int64_t last_row_end(const uint8_t *bytes, int64_t n, int64_t delimiter) {
    int64_t end = 0, quoted = 0;
    for (int64_t at = 0; at < n; at++) {
        if (bytes[at] == '"') {
            if (quoted) {
                if (at + 1 < n && bytes[at + 1] == '"') at++;
                else quoted = 0;
            } else {
                uint8_t before = at ? bytes[at - 1] : '\n';
                quoted = before == delimiter || before == '\n' || before == '\r';
            }
        } else if (bytes[at] == '\n' && !quoted) {
            end = at + 1;
        }
    }
    return quoted ? -1 - end : end;
}
