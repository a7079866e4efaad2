package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// copies is added to the ids of copied rows, so that they are rows of their own.
const copies = int64(1) << 40

// copier is the yardstick: what the path has stored is read back as COPY's own
// binary form and copied again into the same table with its indexes. Making
// that form is not timed: the yardstick is PostgreSQL alone.
type copier struct {
	conn *pgx.Conn
	out  string // COPY … TO STDOUT, with two places for ids
	in   string // COPY … FROM STDIN
	last int64  // id of the newest post read back
}

func newCopier(ctx context.Context, dsn string) (*copier, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("connect for COPY: %w", err)
	}
	var columns string // all but id and stored_at, and none that the database makes itself
	err = conn.QueryRow(ctx, `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'posts'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
		  AND attname NOT IN ('id', 'stored_at')`).Scan(&columns)
	if err != nil {
		return nil, fmt.Errorf("read the columns of posts: %w", err)
	}
	return &copier{
		conn: conn,
		out: "COPY (SELECT id + " + fmt.Sprint(copies) + ", now(), " + columns +
			" FROM posts WHERE id BETWEEN %d AND %d ORDER BY id) TO STDOUT (FORMAT binary)",
		in: "COPY posts (id, stored_at, " + columns + ") FROM STDIN (FORMAT binary)",
	}, nil
}

// pages reads back the posts stored since the last call, n to a page.
func (c *copier) pages(ctx context.Context, n int) ([][]byte, error) {
	rows, err := c.conn.Query(ctx, "SELECT id FROM posts WHERE id > $1 AND id < $2 ORDER BY id", c.last, copies)
	if err != nil {
		return nil, fmt.Errorf("find stored posts: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("find stored posts: %w", err)
	}
	var pages [][]byte
	for len(ids) > 0 {
		page := ids[:min(n, len(ids))]
		ids = ids[len(page):]
		c.last = page[len(page)-1]
		var buf bytes.Buffer
		if _, err := c.conn.PgConn().CopyTo(ctx, &buf, fmt.Sprintf(c.out, page[0], c.last)); err != nil {
			return nil, fmt.Errorf("read posts back: %w", err)
		}
		pages = append(pages, buf.Bytes())
	}
	return pages, nil
}

// copyPage stores a page in one statement, which is one durable transaction, and
// returns how many rows it was.
func (c *copier) copyPage(ctx context.Context, page []byte) (int64, error) {
	tag, err := c.conn.PgConn().CopyFrom(ctx, bytes.NewReader(page), c.in)
	if err != nil {
		return 0, fmt.Errorf("COPY: %w", err)
	}
	return tag.RowsAffected(), nil
}

func (c *copier) close(ctx context.Context) { _ = c.conn.Close(ctx) }
