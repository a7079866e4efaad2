package deadline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// learning orders that the region's models be learned anew; who takes the orders puts
// into force what is better.
func (r *Runner) learning(ctx context.Context, region Region, _, now time.Time) (string, error) {
	var ordered []string
	for _, label := range region.Labels {
		t := domain.Background{Region: region.ID, Kind: domain.TaskTrain, Subject: label, Who: domain.DoerSystem, CreatedAt: now, Waiting: true}
		_, err := r.Store.OrderLearning(ctx, t)
		if errors.Is(err, domain.ErrUnderWay) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("order learning of %s: %w", label, err)
		}
		ordered = append(ordered, label)
	}
	if len(ordered) == 0 {
		return "обучение уже заказано", nil
	}
	return "заказано обучение: " + strings.Join(ordered, ", "), nil
}
