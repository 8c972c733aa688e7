-- 150
WITH new AS (INSERT INTO product (id, "customFieldsErp") VALUES ({45}, {text}) ON CONFLICT DO
  NOTHING RETURNING id), channel AS (INSERT INTO product_channels_channel SELECT id, 1 FROM new)
  INSERT INTO product_translation ("languageCode", name, slug, description, "baseId") SELECT
  'en', {text}, {text}, {long}, id FROM new

-- 20
DELETE FROM product WHERE id = {45}

-- 20
UPDATE product SET id = {45} WHERE id = {45}

-- 40
UPDATE product SET enabled = {true|true|false}, "deletedAt" = {NULL|NULL|now()} WHERE id = {45}

-- 30
UPDATE product SET "customFieldsBadges" = {NULL|'["sale"]'|'[]'|'["a","b"]'}, "featuredAssetId"
  = {NULL|1|2|3} WHERE id = {45}

-- 60
UPDATE product_translation SET name = {text}, slug = {text} WHERE "baseId" = {45} AND
  "languageCode" = '{en|de|pt_BR}'

-- 20
UPDATE product_translation SET description = {long} WHERE "baseId" = {45}

-- 30
INSERT INTO product_translation ("languageCode", name, slug, "baseId") VALUES
  ('{en|de|de|pt_BR}', {text}, {text}, {45})

-- 20
DELETE FROM product_translation WHERE "baseId" = {45} AND "languageCode" = '{en|de|de|pt_BR}'

-- 10
UPDATE product_translation SET "baseId" = {45} WHERE "baseId" = {45}

-- 30
INSERT INTO product_asset ("assetId", position, "productId") VALUES ({40}, {4}, {45})

-- 20
UPDATE product_asset SET position = {4} WHERE "productId" = {45}

-- 20
DELETE FROM product_asset WHERE "productId" = {45}

-- 20
UPDATE asset SET preview = {text} WHERE id = {40}

-- 10
DELETE FROM asset WHERE id = {40}

-- 20
INSERT INTO asset (id, name, source, preview) VALUES ({40}, {text}, {text}, {text}) ON CONFLICT
  DO NOTHING

-- 30
INSERT INTO product_channels_channel VALUES ({45}, {2}) ON CONFLICT DO NOTHING

-- 20
DELETE FROM product_channels_channel WHERE "productId" = {45} AND "channelId" = {2}

-- 10
UPDATE channel SET code = {text} WHERE id = 2

-- 60
INSERT INTO product_variant (id, sku, "productId") VALUES ({110}, {text}, {45}) ON CONFLICT (id)
  DO UPDATE SET "productId" = excluded."productId"

-- 40
UPDATE product_variant SET enabled = {true|true|false}, "deletedAt" = {NULL|NULL|now()},
  "outOfStockThreshold" = {3} - 1, "trackInventory" = '{TRUE|FALSE|INHERIT}' WHERE id = {110}

-- 20
UPDATE product_variant SET id = {110} WHERE id = {110}

-- 20
DELETE FROM product_variant WHERE id = {110}

-- 40
UPDATE product_variant_translation SET name = {text}, "languageCode" = '{en|de}' WHERE "baseId"
  = {110}

-- 60
INSERT INTO product_variant_price ("currencyCode", "channelId", price, "variantId") VALUES
  ('{EUR|USD}', {2}, {99999}, {110})

-- 40
UPDATE product_variant_price SET price = {99999} WHERE "variantId" = {110}

-- 30
DELETE FROM product_variant_price WHERE "variantId" = {110} AND "channelId" = {2}

-- 60
UPDATE stock_level SET "stockOnHand" = {9} - 1, "stockAllocated" = {4} - 1 WHERE
  "productVariantId" = {110}

-- 30
INSERT INTO stock_level ("stockOnHand", "stockAllocated", "productVariantId", "stockLocationId")
  VALUES ({9}, 0, {110}, {2})

-- 20
DELETE FROM stock_level WHERE "productVariantId" = {110}

-- 20
UPDATE product_option_group SET "productId" = {NULL|1|2|3}, code = '{size|color}' WHERE id =
  {60}

-- 20
UPDATE product_option_group SET "deletedAt" = {NULL|now()} WHERE id = {60}

-- 20
UPDATE product_option_group_translation SET name = {text} WHERE "baseId" = {60}

-- 20
UPDATE product_option SET code = {text}, "deletedAt" = {NULL|NULL|now()}, "groupId" = {60} WHERE
  id = {120}

-- 10
DELETE FROM product_option WHERE id = {120}

-- 20
UPDATE product_option_translation SET name = {text} WHERE "baseId" = {120}

-- 30
INSERT INTO product_variant_options_product_option VALUES ({110}, {120}) ON CONFLICT DO NOTHING

-- 20
DELETE FROM product_variant_options_product_option WHERE "productVariantId" = {110}

-- 20
UPDATE facet SET "isPrivate" = {true|false|false} WHERE id = {4}

-- 10
UPDATE facet SET code = '{brand|brand_line|season|margin}' WHERE id = {4}

-- 20
UPDATE facet_value SET code = {text}, "facetId" = {4} WHERE id = {16}

-- 20
UPDATE facet_value SET id = {18} WHERE id = {18}

-- 30
UPDATE facet_value_translation SET name = {text}, "languageCode" = '{en|de}' WHERE "baseId" =
  {16}

-- 40
INSERT INTO product_facet_values_facet_value VALUES ({45}, {16}) ON CONFLICT DO NOTHING

-- 20
UPDATE product_facet_values_facet_value SET "facetValueId" = {16} WHERE "productId" = {45} AND
  "facetValueId" = {16}

-- 20
DELETE FROM product_facet_values_facet_value WHERE "productId" = {45}

-- 30
INSERT INTO product_variant_facet_values_facet_value VALUES ({110}, {16}) ON CONFLICT DO NOTHING

-- 30
LOCK TABLE collection IN EXCLUSIVE MODE;
UPDATE collection child SET "parentId" = parent.id FROM collection parent WHERE child.id = {12}
  AND parent.id = {12} AND parent.id < child.id;
SELECT write_closure()

-- 30
UPDATE collection SET "isPrivate" = {true|false|false}, position = {20} WHERE id = {12}

-- 10
DELETE FROM collection WHERE id > 1 AND id = {12}

-- 20
LOCK TABLE collection IN EXCLUSIVE MODE;
INSERT INTO collection (id, position, "parentId") SELECT i, i, 1 FROM generate_series({12}, 12)
  i LIMIT 1 ON CONFLICT DO NOTHING;
SELECT write_closure()

-- 30
INSERT INTO collection_translation ("languageCode", name, slug, "baseId") VALUES ('{en|de}',
  {text}, {text}, {12})

-- 20
DELETE FROM collection_translation WHERE "baseId" = {12} AND "languageCode" = '{en|de}'

-- 40
INSERT INTO collection_product_variants_product_variant VALUES ({12}, {110}) ON CONFLICT DO
  NOTHING

-- 20
DELETE FROM collection_product_variants_product_variant WHERE "collectionId" = {12} AND
  "productVariantId" > {110}

-- 2
TRUNCATE {product_facet_values_facet_value|
  product_asset|
  stock_level|
  collection_product_variants_product_variant}

-- 2
UPDATE product_translation SET description = repeat(name, 600) WHERE id % 3 = 0

-- 5
UPDATE channel SET "defaultCurrencyCode" = '{EUR|USD}', "pricesIncludeTax" = {true|false|false}
  WHERE id = 2
