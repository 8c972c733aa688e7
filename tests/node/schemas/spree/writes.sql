-- 150
INSERT INTO spree_products (id, name, description, slug, status, available_on) VALUES ({45},
  {text}, {long}, {text}, 'active', now()) ON CONFLICT DO NOTHING;
INSERT INTO spree_variants (id, sku, is_master, product_id) VALUES ({120}, {text}, true, {45})
  ON CONFLICT DO NOTHING

-- 20
DELETE FROM spree_products WHERE id = {45}

-- 20
UPDATE spree_products SET id = {45} WHERE id = {45}

-- 30
UPDATE spree_products SET deleted_at = {now()|NULL|NULL}, slug = {text} WHERE id = {45}

-- 40
UPDATE spree_products SET status = '{draft|archived|active|active|active}' WHERE id = {45}

-- 40
UPDATE spree_products SET name = {text}, shipping_category_id = {NULL|1|2|3|9}, available_on =
  {now()|NULL|now() + interval '1.2 s'},
  discontinue_on = {NULL|NULL|NULL|now()|now() + interval '2 s'} WHERE id = {45}

-- 20
UPDATE spree_products SET description = {long} WHERE id = {45}

-- 20
UPDATE spree_products SET public_metadata = {NULL|jsonb_build_object('erp', 7)},
  private_metadata = jsonb_build_object({text}, 1) WHERE id = {45}

-- 40
INSERT INTO spree_product_translations (name, locale, spree_product_id) VALUES ({text},
  '{de|fr}', {45}) ON CONFLICT (spree_product_id, locale) DO UPDATE SET name = excluded.name

-- 20
DELETE FROM spree_product_translations WHERE spree_product_id = {45}

-- 20
UPDATE spree_product_translations SET locale = '{de|fr}' WHERE spree_product_id = {45}

-- 20
INSERT INTO spree_products_stores (product_id, store_id) VALUES ({45}, {4})

-- 20
DELETE FROM spree_products_stores WHERE product_id = {45}

-- 20
UPDATE spree_stores SET code = {text}, deleted_at = {NULL|NULL|now()} WHERE id = {3}

-- 10
UPDATE spree_shipping_categories SET name = {text} WHERE id = {3}

-- 10
UPDATE spree_shipping_categories SET id = {4} WHERE id = {4}

-- 60
INSERT INTO spree_variants (id, sku, product_id, position, weight) VALUES ({120}, {text}, {45},
  {4}, {90} / 7.0) ON CONFLICT (id) DO UPDATE SET product_id = excluded.product_id, position =
  excluded.position

-- 30
UPDATE spree_variants SET deleted_at = {NULL|now()} WHERE id = {120}

-- 30
UPDATE spree_variants SET position = {NULL|1|2}, track_inventory = {true|true|false} WHERE
  product_id = {45}

-- 20
DELETE FROM spree_variants WHERE id = {120}

-- 10
UPDATE spree_variants SET id = {120} WHERE id = {120}

-- 20
WITH master AS (SELECT id FROM spree_variants WHERE product_id = {45} LIMIT 1) UPDATE
  spree_variants v SET is_master = v.id = master.id FROM master WHERE product_id = {45}

-- 60
INSERT INTO spree_prices (id, variant_id, amount, currency) VALUES ({200}, {120}, {9000} /
  100.0, '{USD|EUR}') ON CONFLICT (id) DO UPDATE SET amount = excluded.amount, variant_id =
  excluded.variant_id

-- 30
UPDATE spree_prices SET compare_at_amount = {NULL|amount + 5|amount}, deleted_at =
  {NULL|NULL|now()} WHERE id = {200}

-- 10
UPDATE spree_prices SET amount = {NULL|amount * 1.2} WHERE variant_id = {120} AND amount < 90000

-- 60
UPDATE spree_stock_items SET count_on_hand = {7} - 2, backorderable = {true|false|false} WHERE
  variant_id = {120}

-- 20
INSERT INTO spree_stock_items (stock_location_id, variant_id, count_on_hand) VALUES ({4}, {120},
  {5})

-- 20
DELETE FROM spree_stock_items WHERE variant_id = {120}

-- 20
UPDATE spree_stock_locations SET active = {true|false} WHERE id = {3}

-- 10
UPDATE spree_stock_locations SET id = {4} WHERE id = {4}

-- 30
INSERT INTO spree_option_values_variants (variant_id, option_value_id) VALUES ({120}, {13})

-- 20
DELETE FROM spree_option_values_variants WHERE variant_id = {120}

-- 20
UPDATE spree_option_values SET presentation = {NULL|'Green'|'XXL'}, option_type_id = {3} WHERE
  id = {12}

-- 10
UPDATE spree_option_types SET name = '{color|size|size_us|cut}', filterable = {true|true|false}
  WHERE id = {3}

-- 20
INSERT INTO spree_product_option_types (product_id, option_type_id, position) VALUES ({45}, {3},
  {NULL|1|2})

-- 10
DELETE FROM spree_product_option_types WHERE product_id = {45}

-- 40
INSERT INTO spree_product_properties (id, value, product_id, property_id, position) VALUES
  ({100}, {text}, {45}, {5}, {NULL|1|2}) ON CONFLICT (id) DO UPDATE SET product_id =
  excluded.product_id, position = excluded.position

-- 20
UPDATE spree_product_properties SET value = {NULL|'cotton'}, show_property = {true|false} WHERE
  id = {100}

-- 10
UPDATE spree_properties SET name = '{fabric|fabric_weight|fit|made_in}' WHERE id = {4}

-- 30
LOCK TABLE spree_taxons IN EXCLUSIVE MODE;
UPDATE spree_taxons child SET parent_id = parent.id FROM spree_taxons parent WHERE child.id =
  {12} AND parent.id = {12} AND parent.id < child.id;
SELECT number_taxons()

-- 30
UPDATE spree_taxons SET name = {text}, hide_from_nav = {true|false|false}, taxonomy_id = {3}
  WHERE id = {12}

-- 10
LOCK TABLE spree_taxons IN EXCLUSIVE MODE;
DELETE FROM spree_taxons WHERE id = {12};
SELECT number_taxons()

-- 20
LOCK TABLE spree_taxons IN EXCLUSIVE MODE;
INSERT INTO spree_taxons (id, name, parent_id, taxonomy_id) SELECT i, {text}, i / 2, 1 FROM
  generate_series({12}, 12) i LIMIT 1 ON CONFLICT DO NOTHING;
SELECT number_taxons()

-- 20
INSERT INTO spree_taxon_translations (id, name, locale, spree_taxon_id) VALUES ({20}, {text},
  'de', {12}) ON CONFLICT (id) DO UPDATE SET name = excluded.name

-- 10
UPDATE spree_taxonomies SET name = {text} WHERE id = {2}

-- 40
INSERT INTO spree_products_taxons (id, product_id, taxon_id, position) VALUES ({80}, {45}, {12},
  {4}) ON CONFLICT (id) DO UPDATE SET taxon_id = excluded.taxon_id, position = excluded.position

-- 20
DELETE FROM spree_products_taxons WHERE id = {80}

-- 40
UPDATE spree_assets SET viewable_type = '{Spree::Variant|Spree::Taxon}', viewable_id = {120},
  position = {NULL|1|2} WHERE id = {100}

-- 20
UPDATE active_storage_attachments SET record_id = {100}, record_type =
  '{Spree::Asset|Spree::Asset|Spree::Store}' WHERE id = {100}

-- 10
DELETE FROM active_storage_blobs WHERE id = {100}

-- 10
INSERT INTO active_storage_blobs (id, key, filename, byte_size) VALUES ({100}, {text}, {text},
  1) ON CONFLICT DO NOTHING

-- 30
INSERT INTO taggings (id, tag_id, taggable_type, taggable_id, context) VALUES ({80}, {9},
  'Spree::{Product|Product|Order}', {45}, '{tags|labels}') ON CONFLICT (id) DO UPDATE SET
  taggable_id = excluded.taggable_id, context = excluded.context

-- 20
UPDATE tags SET name = {text} WHERE id = {8}

-- 2
TRUNCATE {taggings|
  spree_products_taxons|
  spree_option_values_variants|
  spree_product_translations}

-- 2
UPDATE spree_products SET description = repeat(name, 900) WHERE id % 3 = 0

-- 20
UPDATE spree_option_values_variants SET option_value_id = {13} WHERE variant_id = {120}
