package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// ModelStore keeps versions of models, of every label one in force a region.
type ModelStore interface {
	ModelsInForce(ctx context.Context, region string) ([]domain.ModelInForce, error)
	ModelFile(ctx context.Context, region string, ref domain.ModelRef) ([]byte, error)
}

// ErrBadModel: the file of a model itself is at fault, not the way to it.
var ErrBadModel = errors.New("the model cannot be used")

// ReadModel reads a version of a model and looks whether the file is that of the
// version. ErrBadModel when it is not.
func ReadModel(ctx context.Context, store ModelStore, region string, ref domain.ModelRef) (*model.Model, error) {
	file, err := store.ModelFile(ctx, region, ref)
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", ref.Hash, err)
	}
	m, err := model.Read(bytes.NewReader(file))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %s %s: %w", ErrBadModel, ref.Label, ref.Hash, err)
	case m.Sum() != ref.Hash || m.Head.Column != ref.Label:
		return nil, fmt.Errorf("%w: under %s %s there is %s %s", ErrBadModel, ref.Label, ref.Hash, m.Head.Column, m.Sum())
	}
	return m, nil
}

// Models are those that stand beside the phrases of a region, by label.
type Models map[string]*model.Model

// Options puts the models beside the phrases.
func (m Models) Options(o classify.Options) classify.Options {
	for _, one := range m {
		switch {
		case classify.OfRows(one):
			o.Rows = one
		case classify.OfKinds(one):
			o.Kinds = one
		}
	}
	return o
}

// Fitting are the models that can stand beside the phrases of a pack.
func (m Models) Fitting(pack *rules.Pack) Models {
	out := Models{}
	for label, one := range m {
		if classify.Fits(pack, one) == nil {
			out[label] = one
		}
	}
	return out
}

// beside are the refs that stand beside the phrases, in the order of their labels:
// models of topics or bodies are kept too, and judge nothing.
func beside(refs []domain.ModelInForce) []domain.ModelInForce {
	return slices.DeleteFunc(slices.Clone(refs), func(r domain.ModelInForce) bool { return r.Label != "row" && r.Label != "kind" })
}

// ModelsOf reads the models in force in a region that fit a pack. What is wrong
// with the others is told as faults; the error is of the way to them.
func ModelsOf(ctx context.Context, store ModelStore, pack *rules.Pack) (Models, []error, error) {
	refs, err := store.ModelsInForce(ctx, pack.Region.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("look for models: %w", err)
	}
	return takeModels(ctx, store, pack, beside(refs), nil)
}

// takeModels reads models beside a pack. In place of one that cannot be used the
// one before stays, if it fits.
func takeModels(ctx context.Context, store ModelStore, pack *rules.Pack, refs []domain.ModelInForce, before Models) (Models, []error, error) {
	out := Models{}
	var faults []error
	for _, ref := range refs {
		m := before[ref.Label]
		var err error
		if m == nil || m.Sum() != ref.Hash {
			m, err = ReadModel(ctx, store, pack.Region.ID, ref.ModelRef)
		}
		if err == nil {
			if err = classify.Fits(pack, m); err != nil {
				err = fmt.Errorf("%w: %s %s does not fit the pack %s: %w", ErrBadModel, ref.Label, ref.Hash, pack.Hash, err)
			}
		} else if !errors.Is(err, ErrBadModel) && !errors.Is(err, domain.ErrNotFound) {
			return nil, nil, err
		}
		if err != nil {
			faults = append(faults, err)
			if m = before[ref.Label]; m == nil || classify.Fits(pack, m) != nil {
				continue
			}
		}
		out[ref.Label] = m
	}
	return out, faults, nil
}

// bound is the one chosen with the model of rows that stands beside the phrases; the
// one before when that model stayed.
func (m Models) bound(refs []domain.ModelInForce, before domain.UnseenBound) domain.UnseenBound {
	rows := m["row"]
	if rows == nil {
		return domain.UnseenBound{}
	}
	for _, ref := range refs {
		if ref.Label == "row" && ref.Hash == rows.Sum() {
			return ref.Unseen
		}
	}
	return before
}

func (m Models) names() []string {
	names := make([]string, 0, len(m))
	for label, one := range m {
		names = append(names, label+":"+one.Sum()[:min(12, len(one.Sum()))])
	}
	slices.Sort(names)
	return names
}
