package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/desk/packs"
	"github.com/otklik/otklik/domain"
)

// Models implements packs.Rules.
func (d deskPacks) Models(ctx context.Context, region string) ([]packs.Model, error) {
	versions, err := d.store.Models(ctx, region)
	if err != nil {
		return nil, err
	}
	judging := d.follower.Models(region)
	var out []packs.Model
	aside := map[string]bool{} // labels whose newest version aside is shown
	for _, v := range versions {
		if !v.Active && aside[v.Label] {
			continue
		}
		aside[v.Label] = aside[v.Label] || !v.Active
		var compared model.Comparison
		if err := json.Unmarshal(v.Comparison, &compared); err != nil {
			return nil, fmt.Errorf("read the comparison of model %s: %w", v.Hash, err)
		}
		m := packs.Model{Label: v.Label, Hash: v.Hash, Examples: v.Examples, Aside: compared.N, Accuracy: compared.Next.Accuracy,
			Active: v.Active, Forced: v.Forced, Reason: v.Reason, CreatedAt: v.CreatedAt, CreatedBy: v.CreatedBy,
			ActivatedAt: v.ActivatedAt, ActivatedBy: v.ActivatedBy}
		if words := unseenWords(compared.Unseen); words != "" {
			m.Reason += "; " + words
		}
		if one := judging[v.Label]; one != nil {
			m.Judges = one.Sum() == v.Hash
			if words := d.strange(region, one); m.Judges && words != "" {
				m.Reason += "; " + words
			}
		}
		m.Broken = v.Active && standsBeside(v.Label) && !m.Judges
		out = append(out, m)
	}
	return out, nil
}

// strange says that a model judges beside other rules than it has learned with.
func (d deskPacks) strange(region string, m *model.Model) string {
	pack := d.follower.Pack(region)
	if pack == nil {
		return ""
	}
	return strangeWords(m, classify.PackOf(pack))
}

// RollbackModel implements packs.Rules.
func (d deskPacks) RollbackModel(ctx context.Context, by domain.Doer, label, seen string) (string, error) {
	to, err := d.store.RollbackModel(ctx, label, seen, by)
	return to.Hash, err
}
