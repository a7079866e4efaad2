package classify

// dangerOf is the danger to life or health the text names most clearly, nil
// when none: its phrases must reach nameScore after what calms (it is over, it
// is reported, it is a figure of speech) was taken off.
func (c *Classifier) dangerOf(m *match) *danger {
	var worst *danger
	score := nameScore + m.total(c.kinds.calm)
	for i := range c.urgent {
		if t := m.total(c.urgent[i].group); t >= score && (worst == nil || t > score) {
			worst, score = &c.urgent[i], t
		}
	}
	return worst
}
