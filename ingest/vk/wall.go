package vkingest

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
)

// Wall pulls a wall (domain.VKWall) with its comments. The address is an owner
// id ("-123") or a screen name; settings and their defaults: Settings.
type Wall struct{ Deps }

// Pull implements ingest.Puller. It reads new posts from the top, goes on with
// what earlier pulls left open, then looks at comments and at posts that are due
// again.
func (p Wall) Pull(ctx context.Context, src domain.Source) (domain.Batch, error) {
	set, err := p.settings(src)
	if err != nil {
		return domain.Batch{}, err
	}
	var cur wallCursor
	if err := readCursor(src, &cur); err != nil {
		return domain.Batch{}, err
	}
	r := newRun(p.Deps, src, set, &cur.memory)
	more, err := p.pull(ctx, r, &cur)
	return r.finish(ctx, &cur, more, err)
}

// pull goes on to comments and rechecks though the day's quota of wall.get is
// spent: they have none.
func (p Wall) pull(ctx context.Context, r *run, cur *wallCursor) (more bool, err error) {
	s := newSweep(r, cur, r.src.Address)
	wallErr := s.all(ctx)
	if wallErr != nil && !reacts(wallErr, domain.ParkToday) {
		return false, wallErr
	}
	more, err = r.followUp(ctx)
	return more || cur.Gap != nil, firstErr(err, wallErr)
}

// Budget implements ingest.Puller.
func (p Wall) Budget(ctx context.Context, _ domain.Source) (domain.Budget, error) {
	return p.budget(ctx, domain.VKWall, "wall.get")
}

// Check implements ingest.Puller: it reads one post and names the wall.
func (p Wall) Check(ctx context.Context, src domain.Source) (string, error) {
	if _, err := p.settings(src); err != nil {
		return "", err
	}
	page, err := p.VK.WallGet(ctx, src.Address, 0, 1)
	if err != nil {
		return "", err
	}
	owner, err := strconv.ParseInt(src.Address, 10, 64)
	if err == nil && page.Names[owner] != "" {
		return page.Names[owner], nil
	}
	if err == nil && owner > 0 {
		return fmt.Sprintf("id%d", owner), nil // an empty wall of a person names nobody
	}
	group, err := p.VK.Group(ctx, strings.TrimPrefix(src.Address, "-"))
	if err != nil {
		return "", err
	}
	return group.Name, nil
}
