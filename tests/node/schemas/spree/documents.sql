SELECT p.id, jsonb_build_object(
  'id', p.id::text, 'name', p.name, 'slug', p.slug, 'description', p.description,
  'name_de', coalesce((SELECT name FROM spree_product_translations
                       WHERE spree_product_id = p.id AND locale = 'de'), p.name),
  'available_on', floor(extract(epoch FROM p.available_on)),
  'metadata', p.public_metadata, 'erp', p.public_metadata -> 'erp',
  'shipping', (SELECT name FROM spree_shipping_categories c WHERE c.id = p.shipping_category_id),
  'sku', (SELECT sku FROM spree_variants WHERE product_id = p.id AND is_master
          AND deleted_at IS NULL ORDER BY id LIMIT 1),
  'price', (SELECT amount FROM spree_variants v JOIN spree_prices c ON c.variant_id = v.id
            WHERE product_id = p.id AND is_master AND v.deleted_at IS NULL AND currency = 'USD'
              AND c.deleted_at IS NULL AND amount IS NOT NULL ORDER BY v.id, c.id LIMIT 1),
  'is_on_sale', EXISTS (
    SELECT FROM spree_variants v JOIN spree_prices c ON c.variant_id = v.id
    WHERE product_id = p.id AND v.deleted_at IS NULL AND c.deleted_at IS NULL
      AND compare_at_amount > amount),
  'discount', (
    SELECT max(greatest(compare_at_amount - amount, 0))
    FROM spree_variants v JOIN spree_prices c ON c.variant_id = v.id
    WHERE product_id = p.id AND v.deleted_at IS NULL AND c.deleted_at IS NULL),
  'percent', (
    SELECT max((compare_at_amount - amount) / compare_at_amount * 100)
    FROM spree_variants v JOIN spree_prices c ON c.variant_id = v.id
    WHERE product_id = p.id AND v.deleted_at IS NULL AND compare_at_amount > 0),
  'stock_value', (
    SELECT coalesce(sum(greatest(count_on_hand, 0) * coalesce((
        SELECT amount FROM spree_prices c WHERE c.variant_id = v.id AND currency = 'EUR'
          AND c.deleted_at IS NULL AND amount IS NOT NULL ORDER BY c.id LIMIT 1), 0)), 0)
    FROM spree_variants v JOIN spree_stock_items s ON s.variant_id = v.id
    WHERE product_id = p.id AND v.deleted_at IS NULL AND s.deleted_at IS NULL),
  'taxons', (
    WITH RECURSIVE up AS (
      SELECT row_number() OVER (ORDER BY l.position NULLS LAST, l.id) AS leaf, t.parent_id,
        ARRAY[t.name]::text[] AS names
      FROM spree_products_taxons l JOIN spree_taxons t ON t.id = l.taxon_id
      WHERE product_id = p.id AND NOT hide_from_nav
      UNION ALL
      SELECT leaf, t.parent_id, t.name || names
      FROM up JOIN spree_taxons t ON t.id = up.parent_id),
    path AS (
      SELECT n, array_to_string(names[1:n], ' -> ') AS path, min(leaf) AS leaf
      FROM up, generate_series(1, cardinality(names)) n
      WHERE NOT EXISTS (SELECT FROM spree_taxons t WHERE t.id = up.parent_id) GROUP BY 1, 2),
    level AS (SELECT n, jsonb_agg(path ORDER BY leaf) AS paths FROM path GROUP BY n)
    SELECT jsonb_object_agg('lvl' || n - 1, paths) FROM level),
  'taxons_de', (
    WITH RECURSIVE named AS (
      SELECT t.*, (SELECT tt.name FROM spree_taxon_translations tt WHERE spree_taxon_id = t.id
                     AND locale = 'de' ORDER BY tt.id LIMIT 1) AS de FROM spree_taxons t),
    up AS (
      SELECT row_number() OVER (ORDER BY l.position NULLS LAST, l.id) AS leaf, t.parent_id,
        ARRAY[coalesce(t.de, t.name)]::text[] AS names
      FROM spree_products_taxons l JOIN named t ON t.id = l.taxon_id
      WHERE product_id = p.id AND NOT hide_from_nav
      UNION ALL
      SELECT leaf, t.parent_id, coalesce(t.de, t.name) || names
      FROM up JOIN named t ON t.id = up.parent_id),
    path AS (
      SELECT n, array_to_string(names[1:n], ' -> ') AS path, min(leaf) AS leaf
      FROM up, generate_series(1, cardinality(names)) n
      WHERE NOT EXISTS (SELECT FROM spree_taxons t WHERE t.id = up.parent_id) GROUP BY 1, 2),
    level AS (SELECT n, jsonb_agg(path ORDER BY leaf) AS paths FROM path GROUP BY n)
    SELECT jsonb_object_agg('lvl' || n - 1, paths) FROM level),
  'taxon_ids', coalesce((
    WITH RECURSIVE up AS (
      SELECT row_number() OVER (ORDER BY l.position NULLS LAST, l.id) AS leaf, 0 AS depth, t.id,
        t.parent_id
      FROM spree_products_taxons l JOIN spree_taxons t ON t.id = l.taxon_id WHERE product_id = p.id
      UNION ALL
      SELECT leaf, up.depth + 1, t.id, t.parent_id
      FROM up JOIN spree_taxons t ON t.id = up.parent_id),
    numbered AS (SELECT id, row_number() OVER (ORDER BY leaf, depth DESC) AS number FROM up),
    firsts AS (SELECT id, min(number) AS first FROM numbered GROUP BY id)
    SELECT jsonb_agg(id ORDER BY first) FROM firsts), '[]'),
  'branches', coalesce((
    WITH numbered AS (
      SELECT above.permalink,
        row_number() OVER (ORDER BY l.position NULLS LAST, l.id, above.lft) AS number
      FROM spree_products_taxons l JOIN spree_taxons t ON t.id = l.taxon_id
        JOIN spree_taxons above ON t.lft BETWEEN above.lft AND above.rgt
      WHERE product_id = p.id AND above.permalink IS NOT NULL),
    firsts AS (SELECT permalink, min(number) AS first FROM numbered GROUP BY permalink)
    SELECT jsonb_agg(permalink ORDER BY first) FROM firsts), '[]'),
  'taxonomies', coalesce((
    SELECT jsonb_agg(name ORDER BY first) FROM (
      SELECT x.name, min(l.id) AS first
      FROM spree_products_taxons l JOIN spree_taxons t ON t.id = l.taxon_id
        JOIN spree_taxonomies x ON x.id = t.taxonomy_id
      WHERE product_id = p.id GROUP BY x.name) AS firsts), '[]'),
  'variants', coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'sku', sku, 'weight', weight,
      'price', (SELECT amount FROM spree_prices WHERE variant_id = v.id AND currency = 'EUR'
                AND deleted_at IS NULL AND amount IS NOT NULL ORDER BY id LIMIT 1),
      'options', (SELECT jsonb_object_agg(ot.name, ov.presentation
                                         ORDER BY l.option_value_id DESC)
                  FROM spree_option_values_variants l
                    JOIN spree_option_values ov ON ov.id = l.option_value_id
                    JOIN spree_option_types ot ON ot.id = ov.option_type_id
                  WHERE l.variant_id = v.id AND ov.presentation IS NOT NULL),
      'on_hand', (SELECT coalesce(sum(count_on_hand), 0) FROM spree_stock_items s
                    JOIN spree_stock_locations sl ON sl.id = s.stock_location_id
                  WHERE variant_id = v.id AND s.deleted_at IS NULL AND active))
      ORDER BY position NULLS LAST, sku DESC, id)
    FROM spree_variants v
    WHERE product_id = p.id AND NOT is_master AND deleted_at IS NULL), '[]'),
  'on_hand', (SELECT coalesce(sum(count_on_hand), 0) FROM spree_variants v
                JOIN spree_stock_items s ON s.variant_id = v.id
                JOIN spree_stock_locations sl ON sl.id = s.stock_location_id
              WHERE product_id = p.id AND v.deleted_at IS NULL AND s.deleted_at IS NULL
                AND active),
  'is_available', EXISTS (
    SELECT FROM spree_variants v WHERE product_id = p.id AND v.deleted_at IS NULL
      AND (NOT track_inventory OR EXISTS (
        SELECT FROM spree_stock_items s
        WHERE s.variant_id = v.id AND (count_on_hand > 0 OR backorderable)))),
  'option_types', coalesce((
    SELECT jsonb_agg(ot.name ORDER BY l.position DESC NULLS LAST, l.id)
    FROM spree_product_option_types l JOIN spree_option_types ot ON ot.id = l.option_type_id
    WHERE product_id = p.id AND filterable), '[]'),
  'images', coalesce((
    SELECT jsonb_agg('https://cdn/' || b.key || '/' || upper(b.filename)
                     ORDER BY v.id, a.position NULLS LAST, a.id, t.id)
    FROM spree_variants v
      JOIN spree_assets a ON viewable_id = v.id AND viewable_type = 'Spree::Variant'
      JOIN active_storage_attachments t ON record_id = a.id AND record_type = 'Spree::Asset'
      JOIN active_storage_blobs b ON b.id = blob_id
    WHERE product_id = p.id AND a.type = 'Spree::Image' AND t.name = 'attachment'), '[]'),
  'tags', coalesce((
    SELECT jsonb_agg(t.name ORDER BY g.id) FROM taggings g JOIN tags t ON t.id = tag_id
    WHERE taggable_id = p.id AND taggable_type = 'Spree::Product' AND context = 'tags'), '[]'),
  'stores', coalesce((
    SELECT jsonb_agg(code ORDER BY l.id) FROM spree_products_stores l
      JOIN spree_stores s ON s.id = store_id
    WHERE product_id = p.id AND s.deleted_at IS NULL), '[]')) ||
  coalesce((
    SELECT jsonb_object_agg('property_' || x.name, value ORDER BY l.position DESC NULLS FIRST,
                            l.id DESC)
    FROM spree_product_properties l JOIN spree_properties x ON x.id = property_id
    WHERE product_id = p.id AND show_property AND value IS NOT NULL), '{}')
FROM spree_products p WHERE status = 'active' AND deleted_at IS NULL
  AND coalesce(available_on <= {clock} AT TIME ZONE 'UTC', true)
  AND coalesce(discontinue_on > {clock} AT TIME ZONE 'UTC', true)
