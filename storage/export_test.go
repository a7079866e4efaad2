package storage

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"
)

// MigrateTo brings the schema up or down to a version, for tests with old data.
func MigrateTo(ctx context.Context, dsn string, version int64) error {
	return withProvider(ctx, dsn, func(_ *sql.DB, p *goose.Provider) error {
		have, err := p.GetDBVersion(ctx)
		if err != nil {
			return err
		}
		if have < version {
			_, err = p.UpTo(ctx, version)
		} else {
			_, err = p.DownTo(ctx, version)
		}
		return err
	})
}
