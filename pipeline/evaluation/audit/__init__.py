"""The shortcut audit: how far one gets without looking at the edit, before and after the container is equalised.

`run.audit` writes `<first 12 digits of the manifest's sha256>.json`, plain JSON::

    schema       1
    conditions   manifest_sha256 · n {source: originals} · audited {source: photos looked at} · most · seed · folds ·
                 bootstrap · networks [names] · missing {network: why} · machine · versions · date · seconds
    entries      one a question and condition, see below
    comparisons  audit, task, scope, stage, by, chance, and for each condition that was measured {value, low, high, n}
                 of balanced accuracy; `outcome` ("gone", "still told", …; "" with one condition) and `said` in words
    leakage      one a split and a way of being near: split, against, measure, threshold, n, groups, near,
                 share / unrelated / "same group" {value, low, high, n}, standing, verdict, examples
    consequences {"edited": [sentences], "deepfake": [sentences]}: what it means for each stage's figures

An entry::

    audit      "metadata" | "around the face" | "source" | "source known"
    task       "real or edited" | "deepfake or facetune" | "which source"
    scope      a source | its edits, see `datasets.sources.forged_name` | "collections" (all) | "same originals"
               Forged edits stand against the very originals that they were made of, one edit each; under "same
               originals" each original has one edit of either kind.
    stage      "edited" | "deepfake" | "" (which source)
    by         what is looked at: "all facts", "JPEG table alone", a rule, a network
    condition  "published" (the collection's first publication) | "before" (the file as it is here) |
               "cropped" (the face crop, not yet re-encoded) | "after" (the crop in the fixed container)
    features   the columns or the picture that the classifier was given
    n, groups, classes {label: n}, chance
    "balanced accuracy", "AUC", "accuracy"   {value, low, high, n}: 95 % bootstrap interval over groups; AUC is null
               for "which source"
    telling    {feature: importance} of a forest, largest first
    standing   "above chance" | "at chance" | "below chance" | "not measurable"
    verdict    in words; where nothing could be measured it opens with "not measurable:", and figures are absent

Every classifier is cross-validated over groups: no person, and no near duplicate, is on both sides of a fold.
"""
