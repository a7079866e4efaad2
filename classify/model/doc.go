// Package model learns the labels of texts from a region's own labelled table:
// topics, bodies, categories, decree rows, kinds. A model is a set of linear
// separators, one a label, over words, pairs of words, stems and letters, with a
// confidence measured on examples the separators had not seen.
//
// Learning is deterministic: the same table, options and version give the same
// file. The separators are support vector machines with squared hinge loss,
// learned by dual coordinate descent (Hsieh et al., A Dual Coordinate Descent
// Method for Large-scale Linear SVM, ICML 2008).
package model
