INSERT INTO product_collection (id, title, handle)
  SELECT 'pcol_' || i, 'Collection ' || i, 'collection-' || i FROM generate_series(1, 4) i;
INSERT INTO product_type (id, value) SELECT 'ptyp_' || i, 'Type ' || i
  FROM generate_series(1, 3) i;
INSERT INTO product_tag (id, value) SELECT 'ptag_' || i, 'tag ' || i FROM generate_series(1, 12) i;
INSERT INTO product_category (id, name, handle, is_active, is_internal, rank, parent_category_id)
  SELECT 'pcat_' || i, 'Category ' || i, 'category-' || i, i % 7 <> 0, i % 9 = 0, i % 3,
    'pcat_' || nullif(i / 2, 0) FROM generate_series(1, 12) i;
SELECT write_paths();
INSERT INTO product (id, title, handle, subtitle, description, status, weight, collection_id,
    type_id, metadata)
  SELECT 'prod_' || i, 'Product ' || i, 'product-' || i, 'Subtitle ' || i,
    repeat(md5(random()::text), 100), CASE WHEN i % 6 = 0 THEN 'draft' ELSE 'published' END,
    i * 10, 'pcol_' || 1 + i % 4, 'ptyp_' || 1 + i % 3,
    jsonb_build_object('erp', i, 'care', jsonb_build_object('wash', 30 + i % 3 * 10))
  FROM generate_series(1, 30) i;
INSERT INTO product_tags SELECT 'prod_' || 1 + i % 30, 'ptag_' || 1 + i % 12
  FROM generate_series(1, 90) i ON CONFLICT DO NOTHING;
INSERT INTO product_category_product SELECT 'prod_' || 1 + i % 30, 'pcat_' || 1 + i % 11
  FROM generate_series(1, 60) i ON CONFLICT DO NOTHING;
INSERT INTO image (id, url, rank, product_id) SELECT 'img_' || i, 'https://shop/' || i || '.png',
  i % 4, 'prod_' || 1 + i % 30 FROM generate_series(1, 60) i;
INSERT INTO product_option (id, title, product_id)
  SELECT 'opt_' || i, CASE i % 2 WHEN 0 THEN 'Size' ELSE 'Color' END, 'prod_' || (i + 1) / 2
  FROM generate_series(1, 60) i;
INSERT INTO product_option_value (id, value, option_id)
  SELECT 'optval_' || i, 'value ' || i % 9, 'opt_' || (i + 1) / 2 FROM generate_series(1, 120) i;
INSERT INTO product_variant (id, title, sku, variant_rank, weight, product_id)
  SELECT 'variant_' || i, 'Variant ' || i, 'SKU-' || i, i % 3, i / 4.0, 'prod_' || 1 + i % 30
  FROM generate_series(1, 60) i;
INSERT INTO product_variant_option SELECT 'variant_' || i, value.id
  FROM generate_series(1, 60) i JOIN product_option_value value
    ON value.id IN ('optval_' || 1 + i % 30 * 4, 'optval_' || 3 + i % 30 * 4);
INSERT INTO price_list (id, title, status, type, starts_at) VALUES
  ('plist_1', 'Sale', 'active', 'sale', '2024-01-01'),
  ('plist_2', 'For members', 'active', 'override', NULL),
  ('plist_3', 'Next sale', 'draft', 'sale', '2030-01-01');
INSERT INTO price_set (id) SELECT 'pset_' || i FROM generate_series(1, 60) i;
INSERT INTO product_variant_price_set SELECT 'variant_' || i, 'pset_' || i, 'pvps_' || i
  FROM generate_series(1, 58) i;
INSERT INTO price (id, price_set_id, currency_code, amount, raw_amount, price_list_id)
  SELECT 'price_' || i, 'pset_' || 1 + i % 60, CASE i % 3 WHEN 0 THEN 'usd' ELSE 'eur' END,
    i / 4.0, jsonb_build_object('value', (i / 4.0)::text, 'precision', 20),
    CASE WHEN i % 5 < 3 THEN 'plist_' || 1 + i % 5 END FROM generate_series(1, 180) i;
INSERT INTO price_rule (id, attribute, value, price_id)
  SELECT 'prule_' || i, 'region_id', 'reg_' || i % 3, 'price_' || i * 6
  FROM generate_series(1, 20) i;
INSERT INTO sales_channel (id, name) SELECT 'sc_' || i, 'Channel ' || i
  FROM generate_series(1, 3) i;
INSERT INTO product_sales_channel SELECT 'prod_' || i, 'sc_' || 1 + i % 3, 'prodsc_' || i
  FROM generate_series(1, 30) i;
INSERT INTO inventory_item (id, sku) SELECT 'iitem_' || i, 'SKU-' || i
  FROM generate_series(1, 60) i;
INSERT INTO inventory_level (id, inventory_item_id, location_id, stocked_quantity,
    reserved_quantity)
  SELECT 'ilev_' || i, 'iitem_' || 1 + i % 60, 'sloc_' || 1 + i % 2, i % 7, i % 3
  FROM generate_series(1, 100) i;
INSERT INTO product_variant_inventory_item SELECT 'variant_' || i, 'iitem_' || i, 'pvitem_' || i
  FROM generate_series(1, 60) i;
